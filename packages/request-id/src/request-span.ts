import { optionError } from "@aivillage/middleware";

/** One span of a trace, by the ids that W3C Trace Context gives it. */
export interface RequestSpan {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  /** The trace flags, from 0 to 3: 1 sampled, 2 random trace id. */
  readonly flags: number;
  /** The `tracestate` that belongs to it; absent when there is none. */
  readonly tracestate?: string;
}

const traceIdForm = /^(?!0{32})[0-9a-f]{32}$/;
const spanIdForm = /^(?!0{16})[0-9a-f]{16}$/;

/**
 * Hands on what the option `startSpan` returned.
 *
 * @throws TypeError when it is neither a span nor `undefined`: what would be sent on is no `traceparent`
 */
export function checkSpan(span: RequestSpan | undefined): RequestSpan | undefined {
  if (span === undefined || isSpan(span)) return span;
  throw optionError("@aivillage/request-id", "startSpan", "a function that returns a span with valid ids, or undefined", span);
}

function isSpan({ traceId, spanId, flags }: RequestSpan): boolean {
  return traceIdForm.test(traceId) && spanIdForm.test(spanId) && [0, 1, 2, 3].includes(flags);
}
