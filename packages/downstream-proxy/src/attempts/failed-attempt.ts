import type { ResponseHeaders } from "../fields/response-head.ts";
import type { FallbackReason } from "../options/option-values.ts";
import type { Failure } from "./failure.ts";

/** How an attempt failed, as far as it matters for the next one. */
export interface FailedAttempt {
  readonly reason: FallbackReason;
  /** Status of the response, if there was one. */
  readonly status?: number;
  /** The wait that its `Retry-After` requests. */
  readonly retryAfterMs?: number | undefined;
  /** A deadline passed. Such an attempt is not retried: it has cost the client enough time, and perhaps the target too. */
  readonly late?: boolean;
  /** Its status is one of `failOverStatuses`: the target has not done what was asked, so any request may be sent elsewhere. */
  readonly declined?: boolean;
  /** It was late with its content, which says little about other replicas. */
  readonly withoutContent?: boolean;
  /** A reused connection closed before the first byte of a response: most likely the target had already closed it. */
  readonly stale?: boolean;
}

export function failedResponse(status: number, headers: ResponseHeaders, declining: ReadonlySet<number>): FailedAttempt {
  const wait = retryAfterMs(headers["retry-after"], Date.now());
  return { reason: "server_error", status, retryAfterMs: wait, declined: declining.has(status) };
}

/** A filter has found a refusal in the content. Only the next target may decide otherwise. */
export function refusedInBody(): FailedAttempt {
  return { reason: "server_error" };
}

export function failedWithoutResponse({ outcome, status, stale, withoutContent }: Failure): FailedAttempt {
  return { reason: outcome, late: status === 504, stale: stale === true, withoutContent: withoutContent === true };
}

/** An HTTP-date in any of the three formats begins with the name of a day (RFC 9110, 5.6.7). */
const date = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? .{8,40}$/i;

/** The wait that `Retry-After` requests, in milliseconds (RFC 9110, 10.2.3); `undefined` if it is absent or invalid. */
export function retryAfterMs(field: string | string[] | undefined, now: number): number | undefined {
  if (typeof field !== "string") return undefined;
  const text = field.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  // The oldest format does not name its time zone, which is GMT.
  const time = date.test(text) ? Date.parse(text.endsWith("GMT") ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
