import { getClientIp } from "@aivillage/client-ip";
import { metricsEndpoint } from "@aivillage/metrics";
import { addressList, type Handler } from "@aivillage/middleware";

import { isProduction } from "../config/settings/environment-name.ts";
import type { Surroundings } from "./endpoint.ts";

/** `/metrics`, for the clients of `METRICS_ALLOW`. Without a list it is open to everybody, in production to nobody. */
export function scrape({ config: { environment, metrics }, state: { metricsSource } }: Surroundings): Handler {
  const isAllowed = addressList("@aivillage/gateway", "metrics.allow", metrics.allow);
  if (metrics.allow.length === 0 && !isProduction(environment)) return metricsEndpoint({ registry: metricsSource });
  return metricsEndpoint({ registry: metricsSource, allow: (req) => isAllowed(getClientIp(req)) });
}
