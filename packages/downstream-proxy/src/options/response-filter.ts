import type { ResponseHeaders } from "../fields/response-head.ts";

/** How a response ended for the client: whole, broken off by the target or a limit, or because the client had left. */
export type ResponseEnd = "completed" | "broken" | "client-left";

/**
 * What is known of a response whose head is held: nothing that a client waits for has come (`pending`), such content has come (`content`), or
 * the target refuses the request in a way that another target may not (`refused`).
 */
export type ResponseOpening = "pending" | "content" | "refused";

/** Status and headers of a target's response, with names in lower case. */
export interface FilteredHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
}

/**
 * Sees and changes one response while it passes. Its methods are synchronous and called one after another; what it keeps must be bounded.
 * If the request is sent to another target, the filter of the dropped response is not called again.
 */
export interface ResponseFilter {
  /** The client may receive other bytes than the target sent, so length, digests and validators are not passed on. */
  readonly changes: boolean;
  /**
   * Read after each `write()` and after `end()` while the head is held. The head is held with `firstEventTimeoutMs`, and for statuses from
   * 400. Absent: the first event of an event stream, or the first byte of another response, is content.
   */
  readonly opening?: ResponseOpening;
  /** Takes bytes from the target and returns those for the client, possibly none. */
  write(chunk: Buffer): Buffer;
  /**
   * The response has ended. Returns the last bytes for the client. After `broken` they are sent before the connection is cut, unless the
   * response has a length; `error` says what happened. After `client-left` they are dropped.
   */
  end(how: ResponseEnd, error?: unknown): Buffer;
}
