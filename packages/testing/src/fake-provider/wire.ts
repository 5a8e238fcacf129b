/** A step of a response: bytes, a silence, or the end of the connection. */
export type Step = string | Buffer | { readonly waitMs: number } | { readonly end: "reset" };

/** An event of a stream: its data, or its type and data; `[DONE]` as it is. */
export type WireEvent = object | readonly [type: string, data: object] | "[DONE]";

/** One event as its bytes. */
function eventText(event: WireEvent): string {
  if (event === "[DONE]") return "data: [DONE]\n\n";
  if (!isTyped(event)) return `data: ${JSON.stringify(event)}\n\n`;
  const [type, data] = event;
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function isTyped(event: WireEvent): event is readonly [type: string, data: object] {
  return Array.isArray(event);
}

/** Events whose type is also a member of their data, as those of Anthropic and of Responses. */
export function typed(data: { readonly type: string; readonly [member: string]: unknown }): WireEvent {
  return [data.type, data];
}

/** One write for each event. */
export function sse(...events: readonly WireEvent[]): string[] {
  return events.map(eventText);
}

/** The bytes of all steps, cut into writes of this size, wherever that is. */
export function inChunks(steps: readonly string[], size: number): Buffer[] {
  const bytes = Buffer.from(steps.join(""));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}
