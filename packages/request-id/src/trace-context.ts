import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import { randomHex } from "./random-hex.ts";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";
import { parseTracestate } from "./tracestate.ts";

/** Where this request stands in a distributed trace (W3C Trace Context Level 2). */
export interface TraceContext {
  /** 32 lower-case hex digits: the caller's, or new when no valid `traceparent` came. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span of this request, always new. */
  readonly spanId: string;
  /** The span of the caller; absent when the trace begins here. */
  readonly parentSpanId?: string;
  /** The trace flags: 1 sampled, 2 random trace id. */
  readonly flags: number;
  /** Whether the caller may have recorded the trace; for a trace that begins here, the option `sampleNewTraces`. */
  readonly sampled: boolean;
  /** The header to send downstream: this trace, this span. */
  readonly traceparent: string;
  /** The header to send downstream beside it; absent when none valid came. */
  readonly tracestate?: string;
}

const context = requestValue<TraceContext>("@aivillage/request-id.traceContext");

/** The trace context of this request; `undefined` when `requestId()` has not run. */
export function getTraceContext(req: IncomingMessage): TraceContext | undefined {
  return context.get(req);
}

/** Puts the request into the caller's trace where it is trusted and valid, else into a new one. One request is one span. */
export function enterTrace(req: IncomingMessage, trusted: boolean, sampleNewTraces: boolean): void {
  if (context.get(req) !== undefined) return;
  context.set(req, (trusted ? continueTrace(req) : undefined) ?? startTrace(sampleNewTraces));
}

/** The caller's trace, continued in a span of our own; `undefined` without a valid `traceparent`. */
function continueTrace(req: IncomingMessage): TraceContext | undefined {
  const { traceparent, tracestate } = req.headers;
  const parent = typeof traceparent === "string" ? parseTraceparent(traceparent) : undefined;
  if (parent === undefined) return undefined;
  const state = typeof tracestate === "string" ? parseTracestate(tracestate) : undefined;
  const { traceId, parentId: parentSpanId, flags } = parent;
  return { ...makeSpan(traceId, flags), parentSpanId, ...(state !== undefined && { tracestate: state }) };
}

/** A new trace. Its id is random throughout, which the second flag says (Trace Context Level 2, 3.2.2.3.2). */
function startTrace(sampled: boolean): TraceContext {
  return makeSpan(randomHex(16), sampled ? 3 : 2);
}

function makeSpan(traceId: string, flags: number): TraceContext {
  const spanId = randomHex(8);
  return { traceId, spanId, flags, sampled: (flags & 1) === 1, traceparent: formatTraceparent({ traceId, parentId: spanId, flags }) };
}
