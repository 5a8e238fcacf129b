import type { AiDialect } from "./dialect.ts";
import { openaiChat } from "./openai-chat.ts";

const response: AiDialect["response"] = {
  ...openaiChat.response,
  usage: [["usage"]],
  members: {
    ...openaiChat.response.members,
    input: [["input_tokens"], ["prompt_tokens"]],
    output: [["output_tokens"], ["completion_tokens"]],
  },
  finishReason: [["finish_reason"]],
  text: [["response"], ["answer"], ["message"]],
  mayLackEnd: "always",
  deltas: ["delta", "token", "content", "text"],
};

/** `POST /v1/chat` of the gateway's twin. */
export const villageChat: AiDialect = {
  name: "village-chat",
  request: { model: "model", stream: "stream", maxOutputTokens: ["max_tokens"], input: ["message", "messages", "history"] },
  response,
};

/** `POST /v1/query` of the gateway's knowledge system. */
export const villageQuery: AiDialect = {
  name: "village-query",
  request: { model: "model", stream: "stream", maxOutputTokens: ["max_tokens"], input: ["query", "context"] },
  response,
};
