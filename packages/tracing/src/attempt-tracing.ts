import type { IncomingMessage } from "node:http";

import type { Attributes } from "@opentelemetry/api";

import { methodAttributes, methodName, serverAttributes } from "./http-attributes.ts";
import { findOpenTelemetry } from "./open-telemetry.ts";
import type { AttemptEnded } from "./options.ts";
import { type TracedRequest, tracedRequest } from "./server-span.ts";

/** An attempt that is about to be made, as `downstreamProxy()` describes it. */
export interface AttemptBeginning {
  /** Name of the target. */
  readonly target: string;
  /** Such as `http://10.0.0.1:8002`. */
  readonly origin: string;
  readonly path: string;
}

/** Options to spread into `downstreamProxy()`. */
export interface AttemptTracing {
  /** Starts the span of an attempt and returns its `traceparent` (W3C Trace Context). */
  readonly traceparent?: (req: IncomingMessage, attempt: AttemptBeginning) => string | undefined;
}

/**
 * Makes the options with which `downstreamProxy()` starts a client span for each attempt, as a child of the request's span:
 * `downstreamProxy({ ...attemptTracing(), targets })`.
 *
 * Retries and fallbacks have a span each, and the target receives the id of its own as parent. The event in the option `attempts` of
 * `tracing()` ends the spans; without it there are none. Without a tracer provider this is an empty object.
 */
export function attemptTracing(): AttemptTracing {
  if (findOpenTelemetry() === undefined) return {};
  const serverOf = rememberServers();
  return {
    traceparent(req, { target, origin, path }) {
      const traced = tracedRequest.get(req);
      if (traced?.tracer.settings.attempts === undefined) return undefined;
      try {
        return beginAttempt(traced, req, { ...serverOf(origin), "url.full": origin + path, "aivillage.downstream.target": target });
      } catch (error) {
        traced.tracer.report(error);
        return undefined;
      }
    },
  };
}

function beginAttempt(traced: TracedRequest, req: IncomingMessage, about: Attributes): string | undefined {
  const { api, tracer } = traced.tracer.otel;
  const attributes: Attributes = { ...methodAttributes(req), ...about };
  if (traced.attempts > 0) attributes["http.request.resend_count"] = traced.attempts;
  const span = tracer.startSpan(methodName(req), { kind: api.SpanKind.CLIENT, attributes }, traced.context);
  traced.attempts += 1;
  traced.attempt = span;
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!api.isSpanContextValid(span.spanContext())) return undefined;
  return `00-${traceId}-${spanId}-0${(traceFlags & 1) | traced.randomFlag}`;
}

/** Reads each origin once; there are as many as the proxy has replicas. */
function rememberServers(): (origin: string) => Attributes {
  const servers = new Map<string, Attributes>();
  return (origin) => {
    const known = servers.get(origin) ?? serverAttributes(origin);
    servers.set(origin, known);
    return known;
  };
}

/** Ends the span of an attempt that has ended. */
export function endAttempt(traced: TracedRequest, attempted: AttemptEnded): void {
  const { attempt: span, tracer } = traced;
  if (span === undefined) return noteUnsent(traced, attempted);
  traced.attempt = undefined;
  const { status, outcome, protocolVersion } = attempted;
  if (span.isRecording()) {
    if (status !== undefined) span.setAttribute("http.response.status_code", status);
    if (protocolVersion !== undefined) span.setAttribute("network.protocol.version", protocolVersion);
    if (outcome !== "success") {
      span.setStatus({ code: tracer.otel.api.SpanStatusCode.ERROR }).setAttribute("error.type", errorType(attempted));
    }
  }
  span.end();
}

function errorType({ outcome, status }: AttemptEnded): string {
  return outcome === "client_error" || outcome === "server_error" ? String(status) : outcome;
}

/** The circuit breaker was open. Nothing was sent, so there is no span. */
function noteUnsent({ span }: TracedRequest, { target }: AttemptEnded): void {
  if (span.isRecording()) span.addEvent("aivillage.downstream.refused", { "aivillage.downstream.target": target });
}
