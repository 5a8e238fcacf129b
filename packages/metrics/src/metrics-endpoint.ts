import type { ServerResponse } from "node:http";

import { type Handler, HttpProblem } from "@aivillage/middleware";

import { type MetricsEndpointOptions, readMetricsEndpointOptions } from "./options.ts";

/**
 * Makes the handler that answers a Prometheus scrape with everything in the registry.
 *
 * It takes every path it is mounted at. GET and HEAD are answered; any other method is a 405 problem of type
 * `method-not-allowed`, and a metric that fails to collect is handed to `next`.
 *
 * @throws TypeError for an unknown or bad option
 */
export function metricsEndpoint(options?: MetricsEndpointOptions): Handler {
  const { registry } = readMetricsEndpointOptions(options);

  return function metricsEndpointHandler(req, res, next) {
    if (req.method !== "GET" && req.method !== "HEAD") return next(methodNotAllowed());
    registry.metrics().then((text) => answer(res, registry.contentType, text), next);
  };
}

function answer(res: ServerResponse, contentType: string, text: string): void {
  // Somebody, such as a deadline for requests, may have answered while metrics were collected.
  if (res.headersSent) return;
  res.setHeader("Content-Type", contentType);
  res.setHeader("Content-Length", Buffer.byteLength(text));
  res.setHeader("Cache-Control", "no-store");
  res.end(text);
}

function methodNotAllowed(): HttpProblem {
  return new HttpProblem({
    status: 405,
    type: "method-not-allowed",
    detail: "Metrics can only be read. Send GET or HEAD.",
    headers: { Allow: "GET, HEAD" },
  });
}
