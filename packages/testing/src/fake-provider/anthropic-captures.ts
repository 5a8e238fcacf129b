import {
  anthropicError,
  anthropicMessage,
  blockEvents,
  messageDelta,
  messageStart,
  messageStop,
  ping,
  textBlock,
} from "./anthropic-wire.ts";
import type { WireCapture } from "./capture.ts";
import { countTokens } from "./tokens.ts";
import { sse } from "./wire.ts";

const text = "A heron stands below the weir.";
const output = countTokens(text);
const input = 18;
const request = { max_tokens: 200, messages: [{ role: "user", content: "What stands below the weir?" }] };

const capture = (name: string, rest: Omit<WireCapture, "name" | "dialect" | "request"> & Partial<WireCapture>): WireCapture => ({
  name,
  dialect: "anthropic-messages",
  request: { ...request, stream: true },
  ...rest,
});

const cached = { cache_read_input_tokens: 50, cache_creation_input_tokens: 5 };
const inputDeltas = ['{"place":', ' "weir"', "}"].map((piece) => ({ type: "input_json_delta", partial_json: piece }));

/** Messages of Anthropic, whole and broken. */
export const anthropicCaptures: readonly WireCapture[] = [
  capture("anthropic-stream", {
    steps: () =>
      sse(
        messageStart({ input_tokens: input, output_tokens: 1 }),
        ping,
        ...textBlock(0, text),
        messageDelta(3, null),
        messageDelta(output, "end_turn"),
        messageStop,
      ),
    usage: { input, output },
  }),
  capture("anthropic-cached-input", {
    steps: () =>
      sse(
        messageStart({ input_tokens: input, ...cached, output_tokens: 1 }),
        ...textBlock(0, text),
        messageDelta(output, "end_turn"),
        messageStop,
      ),
    usage: { input: input + 55, output, cachedInput: 50, cacheWrite: 5 },
  }),
  capture("anthropic-thinking", {
    steps: () =>
      sse(
        messageStart({ input_tokens: input, output_tokens: 1 }),
        ...blockEvents(0, { type: "thinking", thinking: "", signature: "" }, [
          { type: "thinking_delta", thinking: "Birds at a weir." },
          { type: "signature_delta", signature: "c2lnbmVk" },
        ]),
        ...textBlock(1, text),
        messageDelta(output + 6, "end_turn"),
        messageStop,
      ),
    request: { ...request, stream: true, max_tokens: 4_000, thinking: { type: "enabled", budget_tokens: 1_024 } },
    usage: { input, output: output + 6 },
  }),
  capture("anthropic-tool-use", {
    steps: () =>
      sse(
        messageStart({ input_tokens: input, output_tokens: 1 }),
        ...blockEvents(0, { type: "tool_use", id: "toolu_1", name: "look", input: {} }, inputDeltas),
        messageDelta(15, "tool_use"),
        messageStop,
      ),
    request: {
      ...request,
      stream: true,
      tools: [{ name: "look", input_schema: { type: "object", properties: { place: { type: "string" } } } }],
    },
    usage: { input, output: 15 },
  }),
  capture("anthropic-overloaded-within", {
    steps: () =>
      sse(messageStart({ input_tokens: input, output_tokens: 1 }), ...textBlock(0, text).slice(0, 4), [
        "error",
        anthropicError("overloaded_error", "Overloaded"),
      ]),
  }),
  capture("anthropic-overloaded", {
    status: 529,
    headers: { "request-id": "req_provider_1" },
    type: "application/json",
    steps: () => [JSON.stringify(anthropicError("overloaded_error", "Overloaded"))],
  }),
  capture("anthropic-whole", {
    request,
    type: "application/json",
    steps: () => [JSON.stringify(anthropicMessage([{ type: "text", text }], { input_tokens: input, output_tokens: output }, "end_turn"))],
    usage: { input, output },
  }),
];
