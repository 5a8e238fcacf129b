import type { AiDialect } from "./dialect.ts";
import { openaiError, routedModels } from "./openai-chat.ts";

/** `POST /v1/responses` of OpenAI. */
export const openaiResponses: AiDialect = {
  name: "openai-responses",
  request: {
    model: "model",
    otherModels: routedModels,
    stream: "stream",
    background: "background",
    // Servers that make a chat completion of the call read its names too.
    maxOutputTokens: ["max_output_tokens", "max_completion_tokens", "max_tokens", "n_predict"],
    choices: ["n", "n_cmpl"],
    input: ["input", "instructions"],
    tools: "tools",
    toolModels: [["tools"], ["input", "*", "tools"]].flatMap((tools) => [
      [...tools, "*", "model"],
      [...tools, "*", "svg", "model"],
    ]),
  },
  response: {
    usage: [["response", "usage"], ["usage"]],
    members: {
      input: [["input_tokens"]],
      output: [["output_tokens"]],
      cachedInput: [["input_tokens_details", "cached_tokens"]],
      cacheWrite: [["input_tokens_details", "cache_write_tokens"]],
      reasoning: [["output_tokens_details", "reasoning_tokens"]],
      total: [["total_tokens"]],
      inputIncludesCache: true,
    },
    model: [["response", "model"], ["model"]],
    finishReason: [["response", "incomplete_details", "reason"], ["response", "status"], ["incomplete_details", "reason"], ["status"]],
    text: [
      ["output", "*", "content", "*", "text"],
      ["output", "*", "content", "*", "refusal"],
      ["output", "*", "arguments"],
    ],
    // The events that end a part repeat its whole text in `text` and `arguments`.
    deltas: ["delta"],
    end: ["response.completed", "response.incomplete", "response.failed"],
    // The member `error` is what SDKs look for; the others are the documented event.
    errorEvent: {
      type: "error",
      data: { type: "error", code: "{code}", message: "{message}", param: null, sequence_number: 0, error: openaiError },
    },
  },
};
