import type { WireCapture } from "./capture.ts";
import { chatCompletion, chatInputTokens, chatStream, chatUsage, chunk, textChunks, usageChunk } from "./openai-wire.ts";
import { countTokens } from "./tokens.ts";
import { inChunks, sse } from "./wire.ts";

const messages = [{ role: "user", content: "Tell me of the bridge." }];
const stream = { stream: true, messages };
const asked = { ...stream, stream_options: { include_usage: true } };

const text = "The bridge is made of oak. It carries twelve carts — and, on market days, über-loaded wagons 🛒 too.";
const input = chatInputTokens(messages);
const output = countTokens(text);
const usage = { input, output };
const wireUsage = chatUsage(input, output);
const plain = (asksUsage: boolean): string[] => sse(...chatStream(textChunks(text), wireUsage, asksUsage));

const capture = (name: string, rest: Omit<WireCapture, "name" | "dialect" | "request"> & Partial<WireCapture>): WireCapture => ({
  name,
  dialect: "openai-chat",
  request: asked,
  ...rest,
});

const tool = (index: number, call: object): object => ({ tool_calls: [{ index, ...call }] });
const call = (id: string, name: string, argument: string): object => ({ id, type: "function", function: { name, arguments: argument } });
const more = (argument: string): object => ({ function: { arguments: argument } });

/** Numbers that grow with every chunk, as some servers report them. */
const counted = textChunks(text).map((each, index) => Object.assign(each, { usage: chatUsage(input, Math.min(index, output)) }));
const hidden = { completion_tokens_details: { reasoning_tokens: 30 } };
const cached = { prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 } };
const halves = textChunks(text);

/** Chat completions, whole and broken. */
export const chatCaptures: readonly WireCapture[] = [
  capture("chat-usage-at-the-end", { steps: plain, usage }),
  capture("chat-usage-not-asked-for", { request: stream, steps: plain, usage }),
  capture("chat-usage-never", { steps: () => plain(false) }),
  capture("chat-usage-counts-up", { steps: () => sse(...counted, "[DONE]"), usage }),
  capture("chat-usage-corrected", {
    steps: () => sse(...textChunks(text), usageChunk(chatUsage(input, output + 9)), usageChunk(wireUsage), "[DONE]"),
    usage,
  }),
  capture("chat-cut-anywhere", { steps: (asksUsage) => inChunks(plain(asksUsage), 7), usage }),
  capture("chat-crlf-and-comments", {
    steps: (asksUsage) =>
      plain(asksUsage).map((event, index) => `: keep-alive\r\nid: ${index}\r\nretry: 900\r\n${event.replaceAll("\n", "\r\n")}`),
    usage,
  }),
  capture("chat-cr-alone", { steps: (asksUsage) => plain(asksUsage).map((event) => event.replaceAll("\n", "\r")), usage }),
  capture("chat-data-in-lines", {
    steps: (asksUsage) => plain(asksUsage).map((event) => event.replace('"choices"', '\ndata: "choices"')),
    usage,
  }),
  capture("chat-without-done", { steps: () => plain(true).slice(0, -1), usage }),
  capture("chat-error-event", {
    steps: () => sse(...halves.slice(0, 9), { error: { message: "The engine has failed.", type: "server_error", code: "engine_failed" } }),
  }),
  capture("chat-reset", { steps: () => [...sse(...halves.slice(0, 20)), { end: "reset" }], isCut: true }),
  capture("chat-slow-start", {
    steps: (asksUsage) => [": thinking\n\n", { waitMs: 40 }, ": thinking\n\n", { waitMs: 40 }, ...plain(asksUsage)],
    usage,
  }),
  capture("chat-malformed-event", { steps: () => [...sse(...halves.slice(0, 9)), "data: {oops\n\n", ...sse("[DONE]")] }),
  capture("chat-tool-calls", {
    steps: (asksUsage) =>
      sse(
        ...chatStream(
          [
            chunk({ role: "assistant", content: null }),
            chunk(tool(0, call("call_1", "find", '{"q":'))),
            chunk(tool(1, call("call_2", "add", ""))),
            chunk(tool(0, more('"oak \\"bridge\\""'))),
            chunk(tool(1, more('{"a":1,'))),
            chunk(tool(0, more("}"))),
            chunk(tool(1, more('"b":2}'))),
            chunk({}, { finish: "tool_calls" }),
          ],
          chatUsage(input, 34),
          asksUsage,
        ),
      ),
    request: { ...asked, tools: ["find", "add"].map((name) => ({ type: "function", function: { name, parameters: { type: "object" } } })) },
    usage: { input, output: 34 },
  }),
  capture("chat-three-choices", {
    steps: (asksUsage) => {
      const chunks = [0, 1, 2].flatMap((index) => textChunks(`Answer ${index}.`, index).map((each, place) => ({ each, place })));
      const interleaved = chunks.toSorted((a, b) => a.place - b.place).map(({ each }) => each);
      return sse(...chatStream(interleaved, chatUsage(input, 12), asksUsage));
    },
    request: { ...asked, n: 3 },
    usage: { input, output: 12 },
  }),
  capture("chat-hidden-reasoning", {
    steps: (asksUsage) => sse(...chatStream(textChunks(text), chatUsage(input, output + 30, hidden), asksUsage)),
    usage: { input, output: output + 30, reasoning: 30 },
  }),
  capture("chat-reasoning-content", {
    steps: (asksUsage) =>
      sse(
        ...chatStream(
          [chunk({ role: "assistant", reasoning_content: "Oak, then." }), ...textChunks(text)],
          chatUsage(input, output + 4),
          asksUsage,
        ),
      ),
    usage: { input, output: output + 4 },
  }),
  capture("chat-cached-input", {
    steps: (asksUsage) => sse(...chatStream(textChunks(text), chatUsage(input + 64, output, cached), asksUsage)),
    usage: { input: input + 64, output, cachedInput: 64 },
  }),
  capture("chat-picture", {
    steps: () => [
      JSON.stringify(chatCompletion({ content: text }, chatUsage(1_200, output, { prompt_tokens_details: { audio_tokens: 90 } }))),
    ],
    type: "application/json",
    request: {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${"QUJD".repeat(1_250_000)}`, detail: "low" } },
            { type: "image_url", image_url: { url: "https://pictures.example/bridge.png", detail: "high" } },
          ],
        },
      ],
    },
    usage: { input: 1_200, output },
  }),
  capture("chat-json-for-a-stream", {
    steps: () => [JSON.stringify(chatCompletion({ content: text }, wireUsage))],
    type: "application/json",
    usage,
  }),
  capture("chat-stream-for-json", { request: { messages }, steps: () => plain(true), usage }),
  capture("chat-usage-of-zeros", {
    request: { messages },
    type: "application/json",
    steps: () => [JSON.stringify(chatCompletion({ content: "" }, chatUsage(0, 0)))],
    usage: { input: 0, output: 0 },
  }),
  capture("chat-usage-null", {
    request: { messages },
    type: "application/json",
    steps: () => [JSON.stringify({ ...chatCompletion({ content: text }, null), usage: null })],
  }),
  capture("chat-content-null", {
    request: {
      messages: [
        ...messages,
        { role: "assistant", content: null, tool_calls: [call("call_1", "find", '{"q":"oak"}')] },
        { role: "tool", tool_call_id: "call_1", content: "found" },
      ],
    },
    type: "application/json",
    steps: () => [JSON.stringify(chatCompletion({ content: text }, wireUsage))],
    usage,
  }),
  capture("chat-compressed", {
    request: { messages },
    type: "application/json",
    isCompressed: true,
    steps: () => [JSON.stringify(chatCompletion({ content: text }, wireUsage))],
  }),
  capture("chat-until-close", { steps: plain, isCloseDelimited: true, usage }),
  capture("chat-limited", {
    request: stream,
    status: 429,
    headers: { "retry-after": "1" },
    type: "application/json",
    steps: () => [JSON.stringify({ error: { message: "Slow down.", type: "requests", param: null, code: "rate_limit_exceeded" } })],
  }),
];
