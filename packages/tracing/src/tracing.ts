import type { IncomingMessage, ServerResponse } from "node:http";

import { type Handler, hasResponseClosed, onResponseClose, requestValue } from "@aivillage/middleware";
import type { Context } from "@opentelemetry/api";

import { endAttempt } from "./attempt-tracing.ts";
import { type CallerSpan, contextOf, spanOf } from "./caller-span.ts";
import { findOpenTelemetry, flushSpans, neverThrow, type OpenTelemetry, reportTo, unusableProvider } from "./open-telemetry.ts";
import { readTracingOptions, type TracingOptions, type TracingSettings } from "./options.ts";
import { endServerSpan, startServerSpan, type TracedRequest, tracedRequest, type Tracer } from "./server-span.ts";

/** The middleware, and what belongs to its lifetime. */
export interface Tracing extends Handler {
  /** Whether a tracer provider was registered when the factory ran. Otherwise the middleware only calls `next()`. */
  readonly isActive: boolean;
  /** Options to spread into `requestId()`, mounted before: the ids of a request are then those of its span. Empty if not active. */
  readonly requestIdOptions: {
    readonly startSpan?: (req: IncomingMessage, caller: CallerSpan | undefined) => CallerSpan | undefined;
  };
  /** Unsubscribes from all events, and has the SDK send the spans that it still holds, within two seconds. It never rejects. */
  close(): Promise<void>;
}

/** Requests for which `startSpan` has made no span; the handler does not try again. */
const untraced = requestValue<Tracer>("@aivillage/tracing.untraced");

/**
 * Makes the middleware that records an OpenTelemetry span for each request, with the tracer provider that is registered now.
 *
 * Names and attributes are those of the stable semantic conventions for HTTP. Query strings, bodies and headers other than `User-Agent`
 * are never recorded. Mount it first, or right after `requestId()`. Nothing that OpenTelemetry or an option throws reaches the request.
 * Without a registered provider the middleware only calls `next()`.
 *
 * @throws OptionError for an unknown or bad option
 */
export function tracing(options?: TracingOptions): Tracing {
  const settings = readTracingOptions(options);
  const otel = findOpenTelemetry(settings.scope);
  if (otel !== undefined) return activeTracing(otel, settings);
  const apiVersion = unusableProvider();
  if (apiVersion !== undefined) settings.onUnusableProvider(apiVersion);
  const idle: Handler = (_req, _res, next) => next();
  return Object.assign(idle, { isActive: false, requestIdOptions: {}, close: () => Promise.resolve() });
}

function activeTracing(otel: OpenTelemetry, settings: TracingSettings): Tracing {
  const report = reportTo(otel, settings.onError);
  const tracer: Tracer = { otel, settings, report };
  const { context, propagation, ROOT_CONTEXT } = otel.api;
  const startSafely = neverThrow(report, (req: IncomingMessage, caller: Context) => startServerSpan(tracer, req, caller));
  const end = neverThrow(report, (traced: TracedRequest, req: IncomingMessage, res: ServerResponse) => endServerSpan(traced, req, res));
  const callerOf = neverThrow(report, (req: IncomingMessage) =>
    settings.trusts(req) ? propagation.extract(ROOT_CONTEXT, req.headers) : ROOT_CONTEXT,
  );
  const stops = subscribe(tracer);

  function startSpan(req: IncomingMessage, caller: CallerSpan | undefined): CallerSpan | undefined {
    const from = contextOf(otel.api, caller);
    const traced = startSafely(req, from.context);
    if (traced !== undefined) return spanOf(traced, from.state, caller);
    untraced.set(req, tracer);
    return undefined;
  }

  function enter(req: IncomingMessage): TracedRequest | undefined {
    const known = tracedRequest.get(req);
    if (known?.tracer === tracer) return known.isEntered ? undefined : known;
    return untraced.get(req) === tracer ? undefined : startSafely(req, callerOf(req) ?? ROOT_CONTEXT);
  }

  const tracingHandler: Handler = (req, res, next) => {
    const traced = enter(req);
    if (traced === undefined) return next();
    traced.isEntered = true;
    if (hasResponseClosed(res)) end(traced, req, res);
    else onResponseClose(res, () => end(traced, req, res));
    context.with(traced.context, next);
  };

  return Object.assign(tracingHandler, {
    isActive: true,
    requestIdOptions: { startSpan: neverThrow(report, startSpan) },
    close: () => {
      for (const stop of stops) stop();
      return flushSpans(otel, report);
    },
  });
}

function subscribe(tracer: Tracer): (() => void)[] {
  const { report, settings } = tracer;
  const own = (req: IncomingMessage): TracedRequest | undefined => {
    const traced = tracedRequest.get(req);
    return traced?.tracer === tracer ? traced : undefined;
  };
  const recorded = (req: IncomingMessage) => {
    const span = own(req)?.span;
    return span?.isRecording() === true ? span : undefined;
  };
  const endSafely = neverThrow(report, endAttempt);
  const stops = settings.events.map((source) => source.attach(recorded, report));
  const { attempts } = settings;
  if (attempts === undefined) return stops;
  const stop = attempts.subscribe((attempted) => {
    const traced = own(attempted.req);
    if (traced !== undefined) endSafely(traced, attempted);
  });
  return [...stops, stop];
}
