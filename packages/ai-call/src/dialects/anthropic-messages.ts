import type { AiDialect } from "./dialect.ts";
import { routedModels } from "./openai-chat.ts";

/** Where a message, or a block with the summary of earlier ones, adds a tool. */
const added = ["messages", "*", "content", "*"];
const definition = ["tool", "definition", "model"];

/** `POST /v1/messages` of Anthropic. */
export const anthropicMessages: AiDialect = {
  name: "anthropic-messages",
  errorForm: "anthropic",
  request: {
    model: "model",
    otherModels: routedModels,
    stream: "stream",
    maxOutputTokens: ["max_tokens"],
    // It fills the cache.
    mayLimitToNone: true,
    input: ["system", "messages"],
    tools: "tools",
    toolModels: [
      ["tools", "*", "model"],
      [...added, ...definition],
      [...added, "tool_changes", "*", ...definition],
    ],
  },
  response: {
    // `message_start` has the input, each `message_delta` the output up to then.
    usage: [["message", "usage"], ["usage"]],
    members: {
      input: [["input_tokens"]],
      output: [["output_tokens"]],
      cachedInput: [["cache_read_input_tokens"]],
      cacheWrite: [["cache_creation_input_tokens"]],
      reasoning: [["output_tokens_details", "thinking_tokens"]],
      // Each is the work of another request, of another model in part.
      further: { list: ["iterations"], types: ["advisor_message", "compaction"] },
      inputIncludesCache: false,
    },
    model: [["message", "model"], ["model"]],
    finishReason: [["delta", "stop_reason"], ["stop_reason"]],
    text: [
      ["content", "*", "text"],
      ["content", "*", "thinking"],
      ["content", "*", "input"],
    ],
    deltas: ["text", "thinking", "partial_json"],
    end: ["message_stop"],
    errorEvent: { type: "error", data: { type: "error", error: { type: "api_error", message: "{message}" } } },
  },
};
