/** Responses of model servers as they go over the wire, made up by us, each with the tokens that it reports. */
import type { AiDialectName, AiUsage } from "../src/index.ts";

export interface Capture {
  readonly name: string;
  readonly dialect: AiDialectName;
  readonly request: Readonly<Record<string, unknown>>;
  readonly type: "text/event-stream" | "application/json";
  readonly body: string;
  readonly usage: Partial<AiUsage>;
}

const sse = (...events: readonly unknown[]): string =>
  events
    .map((event) => {
      if (event === "[DONE]") return "data: [DONE]\n\n";
      if (Array.isArray(event)) return `event: ${String(event[0])}\ndata: ${JSON.stringify(event[1])}\n\n`;
      return `data: ${JSON.stringify(event)}\n\n`;
    })
    .join("");

const chunk = (delta: object, more: object = {}, choice: object = {}): object => ({
  id: "c1",
  object: "chat.completion.chunk",
  created: 1,
  model: "made-up-1",
  choices: [{ index: 0, delta, finish_reason: null, ...choice }],
  ...more,
});

const asked = { model: "made-up", stream: true, stream_options: { include_usage: true }, messages: [{ role: "user", content: "Hi" }] };
const usageChunk = (usage: object): object => ({ ...chunk({}), choices: [], usage });
const stop = chunk({}, {}, { finish_reason: "stop" });

const message = (usage: object): object => ({
  type: "message_start",
  message: { id: "m1", type: "message", role: "assistant", model: "made-up-2", content: [], usage },
});
const anthropic = { model: "made-up", max_tokens: 100, stream: true, messages: [{ role: "user", content: "Hi" }] };

export const captures: readonly Capture[] = [
  {
    name: "a chat stream with usage in its last chunk",
    dialect: "openai-chat",
    request: asked,
    type: "text/event-stream",
    body: sse(
      chunk({ role: "assistant", content: "" }, { usage: null }),
      chunk({ content: "Hel" }, { usage: null }),
      chunk({ content: "lo" }, { usage: null }),
      { ...stop, usage: null },
      usageChunk({ prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 }),
      "[DONE]",
    ),
    usage: { input: 8, output: 2, source: "reported", model: "made-up-1", finishReason: "stop" },
  },
  {
    name: "a chat stream that counts up with every chunk",
    dialect: "openai-chat",
    request: asked,
    type: "text/event-stream",
    body: sse(
      chunk({ content: "Hel" }, { usage: { prompt_tokens: 8, completion_tokens: 1 } }),
      chunk({ content: "lo" }, { usage: { prompt_tokens: 8, completion_tokens: 2 } }),
      { ...stop, usage: { prompt_tokens: 8, completion_tokens: 3 } },
      "[DONE]",
    ),
    usage: { input: 8, output: 3, source: "reported" },
  },
  {
    name: "a chat stream that corrects its usage downwards",
    dialect: "openai-chat",
    request: asked,
    type: "text/event-stream",
    body: sse(
      chunk({ content: "Hello" }),
      stop,
      usageChunk({ prompt_tokens: 9, completion_tokens: 7 }),
      usageChunk({ prompt_tokens: 8, completion_tokens: 1 }),
      "[DONE]",
    ),
    usage: { input: 8, output: 1, source: "reported" },
  },
  {
    name: "a chat stream without [DONE]",
    dialect: "openai-chat",
    request: asked,
    type: "text/event-stream",
    body: sse(chunk({ content: "Hello" }), stop, usageChunk({ prompt_tokens: 8, completion_tokens: 1 })),
    usage: { input: 8, output: 1, source: "reported" },
  },
  {
    name: "a chat stream with reasoning and cached tokens",
    dialect: "openai-chat",
    request: asked,
    type: "text/event-stream",
    body: sse(
      chunk({ reasoning_content: "Let me think" }),
      chunk({ content: "Yes" }),
      stop,
      usageChunk({
        prompt_tokens: 100,
        completion_tokens: 40,
        prompt_tokens_details: { cached_tokens: 64 },
        completion_tokens_details: { reasoning_tokens: 30 },
      }),
      "[DONE]",
    ),
    usage: { input: 100, output: 40, cachedInput: 64, reasoning: 30, source: "reported" },
  },
  {
    name: "a chat stream of tool calls in fragments and of two choices",
    dialect: "openai-chat",
    request: { ...asked, n: 2 },
    type: "text/event-stream",
    body: sse(
      chunk({ tool_calls: [{ index: 0, id: "t", type: "function", function: { name: "find", arguments: '{"q":' } }] }),
      chunk({ content: "One" }, {}, { index: 1 }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"x"}' } }] }),
      chunk({}, {}, { finish_reason: "tool_calls" }),
      chunk({}, {}, { index: 1, finish_reason: "stop" }),
      usageChunk({ prompt_tokens: 20, completion_tokens: 12 }),
      "[DONE]",
    ),
    usage: { input: 20, output: 12, source: "reported", finishReason: "stop" },
  },
  {
    name: "a chat response that is no stream",
    dialect: "openai-chat",
    request: { model: "made-up", messages: [{ role: "user", content: "Hi" }] },
    type: "application/json",
    body: JSON.stringify({
      id: "c1",
      object: "chat.completion",
      created: 1,
      model: "made-up-1",
      choices: [{ index: 0, message: { role: "assistant", content: 'It says "usage": {}.' }, finish_reason: "length" }],
      usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 },
    }),
    usage: { input: 8, output: 2, source: "reported", finishReason: "length" },
  },
  {
    name: "usage of zeros, which is reported too",
    dialect: "openai-chat",
    request: { model: "made-up", messages: [] },
    type: "application/json",
    body: JSON.stringify({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } }),
    usage: { input: 0, output: 0, source: "reported" },
  },
  {
    name: "embeddings, which have no output",
    dialect: "openai-embeddings",
    request: { model: "made-up", input: ["one", "two"] },
    type: "application/json",
    body: JSON.stringify({
      object: "list",
      model: "made-up-e",
      data: [{ object: "embedding", index: 0, embedding: Array.from({ length: 200_000 }, (_, index) => index / 7) }],
      usage: { prompt_tokens: 4, total_tokens: 4 },
    }),
    usage: { input: 4, output: 0, source: "reported" },
  },
  {
    name: "an Anthropic stream, whose cached tokens are not part of its input",
    dialect: "anthropic-messages",
    request: anthropic,
    type: "text/event-stream",
    body: sse(
      ["message_start", message({ input_tokens: 10, cache_read_input_tokens: 50, cache_creation_input_tokens: 5, output_tokens: 1 })],
      ["content_block_start", { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }],
      ["ping", { type: "ping" }],
      ["content_block_delta", { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } }],
      ["content_block_stop", { type: "content_block_stop", index: 0 }],
      ["message_delta", { type: "message_delta", delta: { stop_reason: null }, usage: { output_tokens: 3 } }],
      ["message_delta", { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 6 } }],
      ["message_stop", { type: "message_stop" }],
    ),
    usage: { input: 65, output: 6, cachedInput: 50, cacheWrite: 5, source: "reported", model: "made-up-2", finishReason: "end_turn" },
  },
  {
    name: "an Anthropic message that is no stream",
    dialect: "anthropic-messages",
    request: { ...anthropic, stream: false },
    type: "application/json",
    body: JSON.stringify({
      id: "m1",
      type: "message",
      role: "assistant",
      model: "made-up-2",
      content: [{ type: "text", text: "Hello" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 10, output_tokens: 4 },
    }),
    usage: { input: 10, output: 4, source: "reported", finishReason: "end_turn" },
  },
  {
    name: "a Responses stream",
    dialect: "openai-responses",
    request: { model: "made-up", stream: true, input: "Hi" },
    type: "text/event-stream",
    body: sse(
      [
        "response.created",
        { type: "response.created", response: { id: "r", model: "made-up-3", status: "in_progress", usage: null, error: null } },
      ],
      ["response.output_text.delta", { type: "response.output_text.delta", delta: "Hello" }],
      ["response.output_text.done", { type: "response.output_text.done", text: "Hello" }],
      [
        "response.completed",
        {
          type: "response.completed",
          response: {
            id: "r",
            model: "made-up-3",
            status: "completed",
            error: null,
            usage: {
              input_tokens: 9,
              output_tokens: 5,
              input_tokens_details: { cached_tokens: 4 },
              output_tokens_details: { reasoning_tokens: 2 },
            },
          },
        },
      ],
    ),
    usage: { input: 9, output: 5, cachedInput: 4, reasoning: 2, source: "reported", model: "made-up-3", finishReason: "completed" },
  },
];
