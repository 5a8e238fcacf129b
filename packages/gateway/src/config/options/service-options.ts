import type { DownstreamProxyOptions } from "@aivillage/downstream-proxy";
import { defined } from "@aivillage/middleware";

import { optionalMs } from "../settings/durations.ts";
import type { RouteBreaker, RouteEjection, RouteRetries, RouteService } from "../settings/route-service.ts";

/** How a route asks its service, as options of the proxy: what the route sets, and nothing else. */
export function serviceOptions({
  timeouts = {},
  heartbeat,
  retries,
  breaker,
  ejection,
  fallbackOn,
  failOverStatuses,
  failureStatuses,
}: RouteService): DownstreamProxyOptions {
  return {
    ...defined({
      connectTimeoutMs: optionalMs(timeouts.connect),
      headersTimeoutMs: optionalMs(timeouts.headers),
      firstEventTimeoutMs: optionalMs(timeouts.firstEvent),
      idleTimeoutMs: optionalMs(timeouts.idle),
      responseTimeoutMs: optionalMs(timeouts.total),
      maxStreamMs: optionalMs(timeouts.stream),
      heartbeatMs: optionalMs(heartbeat),
      fallbackOn,
      failOverStatuses,
      failureStatuses,
      retries: retries && retryOptions(retries),
      breaker: breaker && breakerOptions(breaker),
      ejection: ejection && ejectionOptions(ejection),
    }),
    ...failureWindow(breaker),
  };
}

function retryOptions({ baseDelay, maxDelay, statuses, ...rest }: RouteRetries) {
  return defined({ ...rest, baseDelayMs: optionalMs(baseDelay), maxDelayMs: optionalMs(maxDelay), retryOn: statuses });
}

function breakerOptions({ open, maxOpen }: RouteBreaker) {
  return defined({ openMs: optionalMs(open), maxOpenMs: optionalMs(maxOpen) });
}

function ejectionOptions({ connectFailures, base, max }: RouteEjection) {
  return defined({ connectFailures, baseMs: optionalMs(base), maxMs: optionalMs(max) });
}

function failureWindow(breaker: RouteBreaker | false | undefined): Pick<DownstreamProxyOptions, "failureWindow"> {
  if (breaker === undefined || breaker === false) return {};
  const { window, minRequests, minClients, share } = breaker;
  return { failureWindow: defined({ windowMs: optionalMs(window), minRequests, minClients, share }) };
}
