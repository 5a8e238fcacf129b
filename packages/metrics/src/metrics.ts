import type { IncomingMessage, ServerResponse } from "node:http";

import { type Handler, hasResponseClosed, onResponseClose } from "@aivillage/middleware";

import { type MetricsOptions, readMetricsOptions } from "./options.ts";
import { addDefaultMetrics } from "./registry.ts";
import { endpointLabel, methodLabel, statusLabel, traceIdOf } from "./request-labels.ts";
import type { ResponseInProgress } from "./responses-in-progress.ts";
import { sharedRequestMetrics } from "./shared-request-metrics.ts";

/**
 * Makes the middleware that counts and times every request, by method, route template and status.
 *
 * A request is counted once, when its response is complete or its connection is gone. Mount it first, so that what other
 * middleware refuses is counted too. Several in one process with the same registry and prefix count in the same metrics.
 *
 * @throws OptionError for an unknown or bad option, or a registry that has these metrics with other settings
 */
export function metrics(options?: MetricsOptions): Handler {
  const settings = readMetricsOptions(options);
  const { endpoint, traceId } = settings;
  const { inProgress, countRequest, place } = sharedRequestMetrics(settings);
  if (settings.defaultMetrics) addDefaultMetrics(settings.registry);

  type Placed = ServerResponse & Record<symbol, ResponseInProgress | undefined>;

  function count(req: IncomingMessage, res: ServerResponse, startedAt: number): void {
    const seconds = (performance.now() - startedAt) / 1_000;
    countRequest(methodLabel(req), endpointLabel(endpoint, req), statusLabel(req, res), seconds, traceIdOf(traceId, req));
  }

  /** One listener for all requests: a closure for each would cost as much as all the rest. */
  function onClose(this: ServerResponse): void {
    const res = this as Placed;
    const response = res[place];
    if (response === undefined) return;
    res[place] = undefined;
    inProgress.remove(response);
    count(this.req, this, response.startedAt);
  }

  return function metricsHandler(req, given, next) {
    const res = given as Placed;
    const startedAt = performance.now();
    if (hasResponseClosed(res)) {
      // The client left while an earlier handler was waiting: the event that would end this request has passed.
      count(req, res, startedAt);
    } else if (res[place] === undefined) {
      res[place] = inProgress.add(res, startedAt);
      onResponseClose(res, onClose);
    }
    next();
  };
}
