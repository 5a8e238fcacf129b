import type { Context, TraceState } from "@opentelemetry/api";

import type { OpenTelemetry } from "./open-telemetry.ts";
import type { TracedRequest } from "./server-span.ts";

/** A span by the ids that W3C Trace Context gives it, in the form in which `requestId()` reads and sends them. */
export interface CallerSpan {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** The trace flags, from 0 to 3: 1 sampled, 2 random trace id. */
  readonly flags: number;
  /** The `tracestate` that belongs to it; absent if there is none. */
  readonly tracestate?: string;
}

/** The context in which a child of the caller's span starts, and the caller's `tracestate` as the API has it. */
export interface CallerContext {
  readonly context: Context;
  readonly state: TraceState | undefined;
}

export function contextOf({ ROOT_CONTEXT, trace, createTraceState }: OpenTelemetry["api"], caller: CallerSpan | undefined): CallerContext {
  if (caller === undefined) return { context: ROOT_CONTEXT, state: undefined };
  const { traceId, spanId, flags: traceFlags, tracestate } = caller;
  const state = tracestate === undefined ? undefined : createTraceState(tracestate);
  const remote = { traceId, spanId, traceFlags, isRemote: true, ...(state !== undefined && { traceState: state }) };
  return { context: trace.setSpanContext(ROOT_CONTEXT, remote), state };
}

/** The ids of a request's span. A `tracestate` that the sampler left alone is passed on verbatim. */
export function spanOf({ span, randomFlag }: TracedRequest, state: TraceState | undefined, caller: CallerSpan | undefined): CallerSpan {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState === state ? caller?.tracestate : traceState?.serialize();
  return { traceId, spanId, flags: (traceFlags & 1) | randomFlag, ...(tracestate !== undefined && { tracestate }) };
}
