import type { WireCapture } from "./capture.ts";
import { embeddings, outputMessage, response, responseEvents, responseUsage } from "./openai-wire.ts";
import { countTokens } from "./tokens.ts";
import { sse, typed, type WireEvent } from "./wire.ts";

const text = "The river is high in March and low in August.";
const output = countTokens(text);
const input = 21;

const capture = (name: string, rest: Omit<WireCapture, "name" | "dialect" | "request"> & Partial<WireCapture>): WireCapture => ({
  name,
  dialect: "openai-responses",
  request: { stream: true, input: "When is the river high?" },
  ...rest,
});

/** The stream up to its last event, then that one. */
function ended(type: string, status: string, more: object): string[] {
  const events = responseEvents(text).map((event) => typed(event as { type: string }));
  const last = { type, sequence_number: events.length, response: response(status, { output: [outputMessage(text, status)], ...more }) };
  return sse(...events, typed(last) satisfies WireEvent);
}

/** Responses, and embeddings. */
export const responsesCaptures: readonly WireCapture[] = [
  capture("responses-completed", {
    steps: () => ended("response.completed", "completed", { usage: responseUsage(input, output + 8, { cached: 4, reasoning: 8 }) }),
    usage: { input, output: output + 8, cachedInput: 4, reasoning: 8 },
  }),
  capture("responses-incomplete", {
    steps: () =>
      ended("response.incomplete", "incomplete", {
        incomplete_details: { reason: "max_output_tokens" },
        usage: responseUsage(input, output),
      }),
    usage: { input, output },
  }),
  capture("responses-failed", {
    steps: () => ended("response.failed", "failed", { error: { code: "server_error", message: "The engine has failed." } }),
  }),
  capture("responses-queued", {
    request: { input: "When is the river high?", background: true },
    type: "application/json",
    steps: () => [JSON.stringify(response("queued", { background: true }))],
  }),
  capture("responses-whole", {
    request: { input: "When is the river high?" },
    type: "application/json",
    steps: () => [
      JSON.stringify(response("completed", { output: [outputMessage(text, "completed")], usage: responseUsage(input, output) })),
    ],
    usage: { input, output },
  }),
  capture("embeddings-of-many", {
    dialect: "openai-embeddings",
    request: { input: Array.from({ length: 2_048 }, (_, index) => `text ${index}`), encoding_format: "float" },
    type: "application/json",
    steps: () => [JSON.stringify(embeddings(2_048, 8_192))],
    usage: { input: 8_192, output: 0 },
  }),
  capture("embeddings-beyond-a-mebibyte", {
    dialect: "openai-embeddings",
    request: { input: ["one", "two"], encoding_format: "float" },
    type: "application/json",
    steps: () => [JSON.stringify(embeddings(12_000, 4))],
    usage: { input: 4, output: 0 },
  }),
];
