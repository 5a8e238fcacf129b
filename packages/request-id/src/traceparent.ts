import type { RequestSpan } from "./request-span.ts";

/** Trace Context Level 2, 3.2.2.3: bits that are not defined must be sent as zero. */
const definedFlags = 0x03;

const fields = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[!-+\--~]*)?$/;
const zeroTraceId = "0".repeat(32);
const zeroSpanId = "0".repeat(16);

/**
 * Reads a `traceparent` (W3C Trace Context, 3.2).
 *
 * `undefined` for anything invalid. A version above 00 may have more after the flags, after a dash, but never a comma: that
 * is what several header lines look like once they are joined.
 */
export function parseTraceparent(text: string): RequestSpan | undefined {
  const [, version, traceId, spanId, flags, more] = fields.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (traceId === zeroTraceId || spanId === zeroSpanId) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & definedFlags };
}

/** Writes version 00, the highest that is known, whatever version came in. */
export function formatTraceparent({ traceId, spanId, flags }: RequestSpan): string {
  return `00-${traceId}-${spanId}-0${flags & definedFlags}`;
}
