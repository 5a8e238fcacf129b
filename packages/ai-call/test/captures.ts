import { type WireCapture, wireCaptures } from "@aivillage/testing/fake-provider";

import type { AiDialectName, AiUsage } from "../src/index.ts";

/** A complete response as it goes over the wire, with the tokens that it reports. */
export interface Capture {
  readonly name: string;
  readonly dialect: AiDialectName;
  readonly request: Readonly<Record<string, unknown>>;
  readonly type: "text/event-stream" | "application/json";
  readonly body: string;
  readonly usage: Partial<AiUsage>;
}

/** What some of them say beside their tokens. */
const further: Readonly<Record<string, Partial<AiUsage>>> = {
  "chat-usage-at-the-end": { model: "made-up-1", finishReason: "stop" },
  "chat-tool-calls": { finishReason: "tool_calls" },
  "anthropic-stream": { model: "made-up-2", finishReason: "end_turn" },
  "anthropic-tool-use": { finishReason: "tool_use" },
  "responses-completed": { model: "made-up-3", finishReason: "completed" },
  "responses-incomplete": { finishReason: "max_output_tokens" },
};

/** The captures of the fake provider that are complete, and report their tokens to a client that wants to know. The first is a plain stream. */
export const captures: readonly Capture[] = wireCaptures
  .filter((capture) => capture.usage !== undefined && capture.isCloseDelimited !== true && !hidesUsage(capture))
  .map(toCapture);

/** Whether the gateway has to ask for usage in the client's place. */
function hidesUsage({ dialect, request }: WireCapture): boolean {
  return dialect === "openai-chat" && request["stream"] === true && request["stream_options"] === undefined;
}

function toCapture({ name, dialect, request, type, steps, usage }: WireCapture): Capture {
  const bytes = steps(true).map((step) => (typeof step === "string" || Buffer.isBuffer(step) ? Buffer.from(step) : Buffer.alloc(0)));
  return {
    name,
    dialect,
    request: { model: "made-up", ...request },
    type: type ?? "text/event-stream",
    body: Buffer.concat(bytes).toString(),
    usage: { ...usage, source: "reported", ...further[name] },
  };
}
