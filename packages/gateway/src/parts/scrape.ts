import { getClientIp } from "@aivillage/client-ip";
import { metricsEndpoint } from "@aivillage/metrics";
import type { Handler } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { Foundation } from "../foundation.ts";
import { addressList } from "./address-list.ts";

/** `/metrics`, for everybody or for the clients of `METRICS_ALLOW` alone. */
export function scrapePart({ metrics: { allow } }: GatewayConfig, { metricsSource }: Foundation): Handler {
  const isAllowed = addressList(allow);
  return metricsEndpoint({ registry: metricsSource, ...(allow.length > 0 && { allow: (req) => isAllowed(getClientIp(req)) }) });
}
