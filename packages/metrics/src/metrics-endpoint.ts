import type { IncomingMessage, ServerResponse } from "node:http";

import { endWith, type Handler, HttpProblem, passError } from "@aivillage/middleware";

import { acceptsOpenMetrics } from "./accepts-openmetrics.ts";
import type { MetricFamily } from "./family.ts";
import { type MetricsEndpointOptions, readMetricsEndpointOptions } from "./options.ts";
import { contentTypes, type Format, render } from "./render.ts";
import { shareRenders } from "./share-renders.ts";

/**
 * Makes the handler that serves a Prometheus scrape with everything in the registry.
 *
 * It takes every path it is mounted at. It serves GET and HEAD, in OpenMetrics where `Accept` asks for it; any other method is
 * a 405 problem of type `method-not-allowed`, a request that `allow` refuses a 403 of type `metrics-forbidden`, and a metric that
 * fails to collect is handed to `next`. Scrapes at the same time share one rendering, and beyond ten a second they get one that is at
 * most a tenth of a second old, so that a flood of scrapes costs little and no scraper sees old counts.
 *
 * @throws OptionError for an unknown or bad option
 */
export function metricsEndpoint(options?: MetricsEndpointOptions): Handler {
  const { registry, allow } = readMetricsEndpointOptions(options);
  const usual: Format = registry.contentType === contentTypes.openMetrics ? "openMetrics" : "prometheus";

  const collect = shareRenders(async (format: Format) => render((await registry.getMetricsAsJSON()) as MetricFamily[], format));

  return function metricsEndpointHandler(req: IncomingMessage, res, next) {
    if (allow !== undefined && !allow(req)) return passError(forbidden(), res, next);
    if (req.method !== "GET" && req.method !== "HEAD") return passError(methodNotAllowed(), res, next);
    const format = acceptsOpenMetrics(req.headers.accept) ? "openMetrics" : usual;
    collect(format).then(
      (text) => respond(res, contentTypes[format], text),
      (error) => passError(error, res, next),
    );
  };
}

function respond(res: ServerResponse, contentType: string, text: string): void {
  // Another handler, such as a request deadline, may have responded while metrics were collected.
  if (res.headersSent) return;
  // Koa has set 404.
  res.statusCode = 200;
  res.setHeader("Content-Type", contentType);
  res.setHeader("Content-Length", Buffer.byteLength(text));
  res.setHeader("Cache-Control", "no-store");
  endWith(res, text);
}

function forbidden(): HttpProblem {
  return new HttpProblem({
    status: 403,
    type: "metrics-forbidden",
    title: "Metrics are not for everybody",
    detail: "Metrics are shown to the scrapers of the operator only.",
  });
}

function methodNotAllowed(): HttpProblem {
  return new HttpProblem({
    status: 405,
    type: "method-not-allowed",
    detail: "Metrics can only be read. Send GET or HEAD.",
    headers: { Allow: "GET, HEAD" },
  });
}
