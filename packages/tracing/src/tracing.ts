import type { IncomingMessage, ServerResponse } from "node:http";

import { downstreamAttempted } from "@aivillage/downstream-proxy";
import { inputFlagged, inputRefused } from "@aivillage/input-sanitizer";
import type { Event, Handler } from "@aivillage/middleware";
import { rateLimitDecided } from "@aivillage/rate-limit";
import type { RequestIdOptions } from "@aivillage/request-id";

import type { GatewayLogger } from "../../gateway/src/dependencies.ts";
import { attemptEnd } from "./attempt-tracing.ts";
import { noteInput, noteLimit } from "../../gateway/src/state/telemetry/span-events.ts";
import { flushSpans } from "./flush-spans.ts";
import { neverThrow } from "./never-throw.ts";
import { findOpenTelemetry, type OpenTelemetry, unseenProvider } from "./open-telemetry.ts";
import { endServerSpan, startServerSpan } from "./server-span.ts";
import { type TracedRequest, tracedRequest } from "./traced-request.ts";

/** OpenTelemetry spans for a request path. */
export interface Tracing {
  /** Options of `requestId()`: the ids of a request are those of its span. */
  readonly requestId: Pick<RequestIdOptions, "startSpan">;
  /** Mount them right behind `requestId()`. */
  readonly handlers: readonly Handler[];
  /** Stops listening, and has the SDK send what it holds. */
  close(): Promise<void>;
}

const noTracing: Tracing = { requestId: {}, handlers: [], close: () => Promise.resolve() };

/** Traces by the tracer provider that is registered now. Without one it is nothing at all: no handler, no option, no listener. */
export function tracingPart(logger: GatewayLogger): Tracing {
  const otel = findOpenTelemetry();
  if (otel === undefined) {
    const unseen = unseenProvider();
    if (unseen !== undefined) logger.warn({ api_version: unseen }, "tracer provider is registered with an older @opentelemetry/api");
    return noTracing;
  }
  const { context } = otel.api;
  const owner = {};
  const start: RequestIdOptions["startSpan"] = (req, caller) => startServerSpan(otel, owner, req, caller);
  const end = neverThrow(otel, (req: IncomingMessage, res: ServerResponse) => endServerSpan(otel, req, res));
  const stops = listen(otel, owner);

  return {
    requestId: { startSpan: neverThrow(otel, start) },
    handlers: [
      function tracingHandler(req, res, next) {
        const traced = tracedRequest.get(req);
        if (traced === undefined) return next();
        res.once("close", () => end(req, res));
        context.with(traced.context, next);
      },
    ],
    close: () => {
      for (const stop of stops) stop();
      return flushSpans(otel);
    },
  };
}

function listen(otel: OpenTelemetry, owner: object): (() => void)[] {
  function on<T extends { req: IncomingMessage }>(source: Event<T>, note: (traced: TracedRequest, message: T) => void): () => void {
    const safely = neverThrow(otel, note);
    return source.subscribe((message) => {
      const traced = tracedRequest.get(message.req);
      if (traced?.owner === owner) safely(traced, message);
    });
  }
  return [
    on(downstreamAttempted, attemptEnd(otel)),
    on(rateLimitDecided, noteLimit),
    on(inputRefused, noteInput("refused")),
    on(inputFlagged, noteInput("flagged")),
  ];
}
