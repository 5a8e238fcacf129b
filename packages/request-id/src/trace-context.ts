import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import { randomSpanId, randomTrace } from "./random-ids.ts";
import { checkSpan, type RequestSpan } from "./request-span.ts";
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
  /** Whether the caller may have recorded the trace, or what `startSpan` said; for a trace that begins here, the option `sampleNewTraces`. */
  readonly sampled: boolean;
  /** The header to send downstream: this trace, this span. */
  readonly traceparent: string;
  /** The header to send downstream beside it; absent when none valid came. */
  readonly tracestate?: string;
}

/** How a request gets its span. */
interface SpanSource {
  readonly sampleNewTraces: boolean;
  readonly startSpan: ((req: IncomingMessage, caller: RequestSpan | undefined) => RequestSpan | undefined) | undefined;
}

const context = requestValue<TraceContext>("@aivillage/request-id.traceContext");

/** The trace context of this request; `undefined` when `requestId()` has not run. */
export function getTraceContext(req: IncomingMessage): TraceContext | undefined {
  return context.get(req);
}

/**
 * Puts the request into the caller's trace where it is trusted and valid, else into a new one. One request is one span.
 *
 * @throws TypeError when `startSpan` gives ids that are none
 */
export function enterTrace(req: IncomingMessage, trusted: boolean, { startSpan, sampleNewTraces }: SpanSource): void {
  if (context.get(req) !== undefined) return;
  const caller = trusted ? readCaller(req) : undefined;
  const span = startSpan === undefined ? undefined : checkSpan(startSpan(req, caller));
  context.set(req, makeContext(span ?? makeSpan(caller, sampleNewTraces), caller));
}

/** The caller's span; `undefined` without a valid `traceparent`. */
function readCaller(req: IncomingMessage): RequestSpan | undefined {
  const { traceparent, tracestate } = req.headers;
  const caller = typeof traceparent === "string" ? parseTraceparent(traceparent) : undefined;
  if (caller === undefined) return undefined;
  const state = typeof tracestate === "string" ? parseTracestate(tracestate) : undefined;
  return state === undefined ? caller : { ...caller, tracestate: state };
}

/** A span in the caller's trace, or in a new one, whose id is random throughout: so says the second flag (Trace Context Level 2, 3.2.2.3.2). */
function makeSpan(caller: RequestSpan | undefined, sampled: boolean): RequestSpan {
  if (caller === undefined) return { ...randomTrace(), flags: sampled ? 3 : 2 };
  const { traceId, flags, tracestate } = caller;
  const spanId = randomSpanId();
  return tracestate === undefined ? { traceId, spanId, flags } : { traceId, spanId, flags, tracestate };
}

function makeContext(span: RequestSpan, caller: RequestSpan | undefined): TraceContext {
  const { traceId, spanId, flags, tracestate } = span;
  const begun = { traceId, spanId, flags, sampled: (flags & 1) === 1, traceparent: formatTraceparent(span) };
  if (caller === undefined && tracestate === undefined) return begun;
  return {
    ...begun,
    ...(caller?.traceId === traceId && { parentSpanId: caller.spanId }),
    ...(tracestate !== undefined && { tracestate }),
  };
}
