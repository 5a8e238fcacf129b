import type { IncomingMessage, ServerResponse } from "node:http";

import { getClientIp } from "@aivillage/client-ip";
import { isAnswered, requestPath } from "@aivillage/middleware";
import { getRequestId, type RequestSpan } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";
import type { Attributes, Context, TraceState } from "@opentelemetry/api";

import { methodAttributes, methodName, originAttributes } from "./http-attributes.ts";
import type { OpenTelemetry } from "./open-telemetry.ts";
import { tracedRequest } from "./traced-request.ts";

/** Longer texts of a client are cut, in characters. */
const longestPath = 1_024;
const longestUserAgent = 256;
const randomTraceId = 2;

/**
 * Begins the span of a request, below the caller's or below the one that is active: that of a server instrumentation around the gateway,
 * which has made the server span already.
 *
 * @returns its ids; `undefined` when tracing is suppressed for this request
 */
export function startServerSpan(
  { api, tracer }: OpenTelemetry,
  owner: object,
  req: IncomingMessage,
  caller: RequestSpan | undefined,
): RequestSpan | undefined {
  const isInner = api.trace.getActiveSpan()?.isRecording() === true;
  const state = caller?.tracestate === undefined ? undefined : api.createTraceState(caller.tracestate);
  const parent = isInner ? api.context.active() : callerContext(api, caller, state);
  const kind = isInner ? api.SpanKind.INTERNAL : api.SpanKind.SERVER;
  const span = tracer.startSpan(methodName(req), { kind, attributes: attributesOf(req) }, parent);
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  // Without a span of its own the API gives an invalid one, or the caller's again.
  if (!api.isSpanContextValid(span.spanContext()) || spanId === caller?.spanId) return undefined;

  const randomFlag = traceId === caller?.traceId ? caller.flags & randomTraceId : 0;
  tracedRequest.set(req, { owner, span, context: api.trace.setSpan(parent, span), randomFlag, attempt: undefined, attempts: 0 });
  const tracestate = traceState === state ? caller?.tracestate : traceState?.serialize();
  return { traceId, spanId, flags: (traceFlags & 1) | randomFlag, ...(tracestate !== undefined && { tracestate }) };
}

function callerContext(
  { ROOT_CONTEXT, trace }: OpenTelemetry["api"],
  caller: RequestSpan | undefined,
  traceState: TraceState | undefined,
): Context {
  if (caller === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, flags } = caller;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: flags & 1,
    isRemote: true,
    ...(traceState !== undefined && { traceState }),
  });
}

/** What samplers may ask for, so it is there from the beginning. An attribute that is `undefined` is left out by the SDK. */
function attributesOf(req: IncomingMessage): Attributes {
  const { headers, httpVersion, socket } = req;
  return {
    ...methodAttributes(req),
    ...originAttributes(req),
    "url.path": requestPath(req).slice(0, longestPath),
    "client.address": getClientIp(req),
    "network.peer.address": socket.remoteAddress,
    "network.peer.port": socket.remotePort,
    "network.protocol.version": httpVersion,
    "user_agent.original": headers["user-agent"]?.slice(0, longestUserAgent),
    "aivillage.request_id": getRequestId(req),
  };
}

/** Ends the span of a request whose answer is complete or cut off. */
export function endServerSpan({ api }: OpenTelemetry, req: IncomingMessage, res: ServerResponse): void {
  const traced = tracedRequest.get(req);
  if (traced === undefined) return;
  const { span } = traced;
  if (span.isRecording()) {
    const route = getRoute(req);
    if (route !== undefined) span.updateName(`${methodName(req)} ${route}`).setAttribute("http.route", route);
    if (res.headersSent) span.setAttribute("http.response.status_code", res.statusCode);
    const error = errorOf(req, res);
    if (error !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR }).setAttribute("error.type", error);
  }
  span.end();
}

/** `aborted` when the client has left, `incomplete` when the gateway itself has cut off the answer. */
function errorOf(req: IncomingMessage, res: ServerResponse): string | undefined {
  const { socket } = req;
  if (!isAnswered(req, res)) return socket.readableEnded || socket.errored !== null ? "aborted" : "incomplete";
  return res.statusCode >= 500 ? String(res.statusCode) : undefined;
}
