import type { IncomingMessage, ServerResponse } from "node:http";

import { brokenStatus, hasClientLeft, isResponseDelivered, requestPath, requestValue } from "@aivillage/middleware";
import type { Attributes, Context, Span } from "@opentelemetry/api";

import { methodAttributes, methodName, originAttributes } from "./http-attributes.ts";
import type { OpenTelemetry, Report } from "./open-telemetry.ts";
import type { TracingSettings } from "./options.ts";

/** One `tracing()`: what its spans have in common. */
export interface Tracer {
  readonly otel: OpenTelemetry;
  readonly settings: TracingSettings;
  readonly report: Report;
}

/** The spans of a request that is traced. */
export interface TracedRequest {
  /** The tracer that started them. Only it receives the request's events: while one is replaced, two are at work. */
  readonly tracer: Tracer;
  /** The span of the request itself. */
  readonly span: Span;
  /** The context in which child spans start. */
  readonly context: Context;
  /** The flag of a random trace id, which the API drops and every hop must pass on. */
  readonly randomFlag: number;
  /** Whether the handler has seen the request. */
  isEntered: boolean;
  /** The attempt that is under way: a request makes one at a time. */
  attempt: Span | undefined;
  /** How many attempts have been sent. */
  attempts: number;
}

export const tracedRequest = requestValue<TracedRequest>("@aivillage/tracing.tracedRequest");

/** Longer texts of a client are cut, in characters. */
const longestPath = 1_024;
const longestUserAgent = 256;
const randomTraceId = 2;

/**
 * Starts the span of a request as a child of the caller's. Where a span is active already, it becomes a child of that one: a server
 * instrumentation, or a `tracing()` further out, has made the server span.
 *
 * @returns `undefined` if tracing is suppressed for this request
 */
export function startServerSpan(tracer: Tracer, req: IncomingMessage, caller: Context): TracedRequest | undefined {
  const { otel, settings } = tracer;
  const { context, isSpanContextValid, SpanKind, trace } = otel.api;
  const outer = tracedRequest.get(req)?.context ?? (trace.getActiveSpan()?.isRecording() === true ? context.active() : undefined);
  const parent = outer ?? caller;
  const kind = outer === undefined ? SpanKind.SERVER : SpanKind.INTERNAL;
  const span = otel.tracer.startSpan(methodName(req), { kind, attributes: attributesOf(req, settings) }, parent);
  const { spanId, traceId } = span.spanContext();
  const remote = trace.getSpanContext(caller);
  // Instead of a new span the API returns an invalid one, or the caller's again.
  if (!isSpanContextValid(span.spanContext()) || spanId === remote?.spanId) return undefined;
  const randomFlag = traceId === remote?.traceId ? remote.traceFlags & randomTraceId : 0;
  const traced = {
    tracer,
    span,
    context: trace.setSpan(parent, span),
    randomFlag,
    isEntered: false,
    attempt: undefined,
    attempts: 0,
  };
  tracedRequest.set(req, traced);
  return traced;
}

/** What samplers may ask for, so it is there from the start. The SDK leaves out attributes that are `undefined`. */
function attributesOf(req: IncomingMessage, { attributes, clientIp, isFromTrustedProxy }: TracingSettings): Attributes {
  const { headers, httpVersion, socket } = req;
  return {
    ...methodAttributes(req),
    ...originAttributes(req, isFromTrustedProxy(req)),
    "url.path": requestPath(req).slice(0, longestPath),
    "client.address": clientIp(req),
    "network.peer.address": socket.remoteAddress,
    "network.peer.port": socket.remotePort,
    "network.protocol.version": httpVersion,
    "user_agent.original": headers["user-agent"]?.slice(0, longestUserAgent),
    ...attributes?.(req),
  };
}

/** Ends the span of a request whose response is complete or cut off. */
export function endServerSpan({ span, tracer }: TracedRequest, req: IncomingMessage, res: ServerResponse): void {
  const { otel, settings, report } = tracer;
  if (span.isRecording()) {
    const route = routeOf(req, settings, report);
    if (route !== undefined) span.updateName(`${methodName(req)} ${route}`).setAttribute("http.route", route);
    if (res.headersSent) span.setAttribute("http.response.status_code", res.statusCode);
    const error = errorOf(req, res);
    if (error !== undefined) span.setStatus({ code: otel.api.SpanStatusCode.ERROR }).setAttribute("error.type", error);
  }
  span.end();
}

/** A `route` that throws costs the span its route and nothing else. */
function routeOf(req: IncomingMessage, { route }: TracingSettings, report: Report): string | undefined {
  try {
    return route?.(req);
  } catch (error) {
    report(error);
    return undefined;
  }
}

/** `aborted` if the client has left, `incomplete` if this side has cut off the response. */
function errorOf(req: IncomingMessage, res: ServerResponse): string | undefined {
  if (brokenStatus(req) !== undefined) return "incomplete";
  if (!isResponseDelivered(req, res)) return hasClientLeft(req, res) ? "aborted" : "incomplete";
  return res.statusCode >= 500 ? String(res.statusCode) : undefined;
}
