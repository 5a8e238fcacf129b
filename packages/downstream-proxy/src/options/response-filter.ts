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
 *
 * What a method throws stops the response. If its head is held, the error is passed to `next`, as if the target had not responded;
 * otherwise the response is broken, and `end("broken", error)` follows. So `end("completed")` may refuse a response that is incomplete,
 * although the target has ended it properly.
 */
export interface ResponseFilter {
  /** The client may receive other bytes than the target sent, so length, digests and validators are not passed on. */
  readonly changes: boolean;
  /**
   * Read after each `write()` and after `end()` while the head is held. The head is held with `firstEventTimeoutMs`, and for statuses from
   * 400. Absent: the first event of an event stream, or the first byte of another response, is content.
   */
  readonly opening?: ResponseOpening;
  /** Takes bytes from the target and returns those for the client, possibly none. It may change them in place: nobody else reads them. */
  write(chunk: Buffer): Buffer;
  /**
   * The response has ended. Returns the last bytes for the client.
   *
   * After `broken` they end the response in place of the rest, so they must say that something is missing; `error` says what happened. If
   * there are none, or the response has a length, the connection is cut. After `client-left` they are dropped.
   */
  end(how: ResponseEnd, error?: unknown): Buffer;
}
