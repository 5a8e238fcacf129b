import { tokensOf } from "./tokens.ts";
import { typed, type WireEvent } from "./wire.ts";

/** A message as Anthropic begins it, or sends it whole. */
export function anthropicMessage(content: readonly object[], usage: object, stopReason: string | null): object {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "made-up-2",
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage,
  };
}

export function messageStart(usage: object): WireEvent {
  return typed({ type: "message_start", message: anthropicMessage([], usage, null) });
}

/** The events of one block: its start, its deltas, its end. */
export function blockEvents(index: number, block: object, deltas: readonly object[]): WireEvent[] {
  return [
    typed({ type: "content_block_start", index, content_block: block }),
    ...deltas.map((delta) => typed({ type: "content_block_delta", index, delta })),
    typed({ type: "content_block_stop", index }),
  ];
}

/** A block of text, one token a delta. */
export function textBlock(index: number, text: string): WireEvent[] {
  return blockEvents(
    index,
    { type: "text", text: "" },
    tokensOf(text).map((piece) => ({ type: "text_delta", text: piece })),
  );
}

/** What a message has cost up to here, and why it ended. */
export function messageDelta(outputTokens: number, stopReason: string | null, more: object = {}): WireEvent {
  const delta = { stop_reason: stopReason, stop_sequence: null };
  return typed({ type: "message_delta", delta, usage: { output_tokens: outputTokens, ...more } });
}

export const messageStop: WireEvent = typed({ type: "message_stop" });
export const ping: WireEvent = typed({ type: "ping" });

export function anthropicError(type: string, message: string): object {
  return { type: "error", error: { type, message }, request_id: "req_provider_1" };
}
