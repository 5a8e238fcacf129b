import type { IncomingMessage } from "node:http";

import type { AttemptBeginning, DownstreamAttempted, DownstreamProxyOptions } from "@aivillage/downstream-proxy";
import type { Attributes } from "@opentelemetry/api";

import { methodAttributes, methodName, serverAttributes } from "./http-attributes.ts";
import { neverThrow } from "./never-throw.ts";
import { findOpenTelemetry, type OpenTelemetry } from "./open-telemetry.ts";
import { type TracedRequest, tracedRequest } from "./traced-request.ts";

/** The options that make a proxy begin a span for each attempt; none without a tracer provider. */
export function attemptTracing(): Pick<DownstreamProxyOptions, "traceparent"> {
  const otel = findOpenTelemetry();
  if (otel === undefined) return {};
  const serverOf = rememberServers();
  return {
    traceparent: neverThrow(otel, (req: IncomingMessage, { target, origin, path }: AttemptBeginning) =>
      beginAttempt(otel, req, { ...serverOf(origin), "url.full": origin + path, "aivillage.downstream.target": target }),
    ),
  };
}

function beginAttempt({ api, tracer }: OpenTelemetry, req: IncomingMessage, about: Attributes): string | undefined {
  const traced = tracedRequest.get(req);
  if (traced === undefined) return undefined;
  const attributes: Attributes = { ...methodAttributes(req), ...about };
  if (traced.attempts > 0) attributes["http.request.resend_count"] = traced.attempts;
  const span = tracer.startSpan(methodName(req), { kind: api.SpanKind.CLIENT, attributes }, traced.context);
  traced.attempts += 1;
  traced.attempt = span;
  const { traceId, spanId, traceFlags } = span.spanContext();
  if (!api.isSpanContextValid(span.spanContext())) return undefined;
  return `00-${traceId}-${spanId}-0${(traceFlags & 1) | traced.randomFlag}`;
}

/** Reads each origin once; there are as many as replicas in the configuration. */
function rememberServers(): (origin: string) => Attributes {
  const servers = new Map<string, Attributes>();
  return (origin) => {
    const known = servers.get(origin) ?? serverAttributes(origin);
    servers.set(origin, known);
    return known;
  };
}

/** Makes the function that ends the span of an attempt when that has ended. */
export function attemptEnd({ api }: OpenTelemetry): (traced: TracedRequest, attempted: DownstreamAttempted) => void {
  return (traced, attempted) => {
    const { attempt: span } = traced;
    if (span === undefined) return noteUnsent(traced, attempted);
    traced.attempt = undefined;
    const { status, outcome } = attempted;
    if (span.isRecording()) {
      if (status !== undefined) span.setAttributes({ "http.response.status_code": status, "network.protocol.version": "1.1" });
      if (outcome !== "success") span.setStatus({ code: api.SpanStatusCode.ERROR }).setAttribute("error.type", errorType(attempted));
    }
    span.end();
  };
}

function errorType({ outcome, status }: DownstreamAttempted): string {
  return outcome === "client_error" || outcome === "server_error" ? String(status) : outcome;
}

/** The circuit breaker was open: nothing was sent, so there is no span. */
function noteUnsent({ span }: TracedRequest, { target }: DownstreamAttempted): void {
  if (span.isRecording()) span.addEvent("aivillage.downstream.refused", { "aivillage.downstream.target": target });
}
