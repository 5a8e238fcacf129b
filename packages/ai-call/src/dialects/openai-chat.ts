import type { AiDialect, UsageMembers } from "./dialect.ts";

const members: UsageMembers = {
  input: [["prompt_tokens"]],
  output: [["completion_tokens"]],
  cachedInput: [["prompt_tokens_details", "cached_tokens"], ["prompt_cache_hit_tokens"]],
  cacheWrite: [["prompt_tokens_details", "cache_write_tokens"]],
  reasoning: [["completion_tokens_details", "reasoning_tokens"]],
  total: [["total_tokens"]],
  inputIncludesCache: true,
};

/** Routers take another of these when the requested model fails, or refuses: OpenRouter, LiteLLM, and Anthropic's API itself. */
export const routedModels: readonly string[] = ["models", "fallbacks"];

/** What SDKs of OpenAI throw as an `APIError`. */
export const openaiError = { message: "{message}", type: "server_error", code: "{code}", param: null };

/** `POST /v1/chat/completions` of OpenAI, and of the many servers that speak it. */
export const openaiChat: AiDialect = {
  name: "openai-chat",
  request: {
    model: "model",
    otherModels: routedModels,
    stream: "stream",
    // llama.cpp prefers its own names, the last ones.
    maxOutputTokens: ["max_completion_tokens", "max_tokens", "n_predict"],
    choices: ["n", "best_of", "candidate_count", "candidateCount", "n_cmpl"],
    input: ["messages"],
    tools: "tools",
    toolModels: [["tools", "*", "model"]],
    usageRequest: ["stream_options", "include_usage"],
  },
  response: {
    usage: [["usage"], ["x_groq", "usage"]],
    members,
    model: [["model"]],
    finishReason: [["choices", "*", "finish_reason"]],
    text: [
      ["choices", "*", "message", "content"],
      ["choices", "*", "message", "reasoning_content"],
      ["choices", "*", "message", "refusal"],
      ["choices", "*", "message", "tool_calls", "*", "function", "arguments"],
    ],
    deltas: ["content", "reasoning_content", "reasoning", "refusal", "arguments"],
    end: ["[DONE]"],
    mayLackEnd: "finished",
    errorEvent: { data: { error: openaiError } },
  },
};

/** `POST /v1/embeddings` of OpenAI and compatible servers. */
export const openaiEmbeddings: AiDialect = {
  name: "openai-embeddings",
  request: { model: "model", otherModels: routedModels, maxOutputTokens: [], input: ["input"] },
  response: { usage: [["usage"]], members, model: [["model"]], finishReason: [], text: [], deltas: [], end: [], mayLackEnd: "always" },
};
