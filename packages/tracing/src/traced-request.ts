import { requestValue } from "@aivillage/middleware";
import type { Context, Span } from "@opentelemetry/api";

/** The spans of a request that is traced. */
export interface TracedRequest {
  /** The part that began it, and alone hears its events: a part that is being replaced overlaps with its follower. */
  readonly owner: object;
  /** The span of the request itself. */
  readonly span: Span;
  /** What its children are begun in. */
  readonly context: Context;
  /** The flag of a random trace id, which the API drops and every hop must hand on. */
  readonly randomFlag: number;
  /** The attempt that is under way: a request makes one at a time. */
  attempt: Span | undefined;
  /** How many attempts have been sent. */
  attempts: number;
}

export const tracedRequest = requestValue<TracedRequest>("@aivillage/gateway.tracedRequest");
