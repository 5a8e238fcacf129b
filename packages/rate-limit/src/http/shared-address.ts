import type { IncomingMessage } from "node:http";

import { packageName } from "../package-name.ts";

let isWarned = false;

/**
 * Warns once that requests come through a proxy while clients are distinguished by the address of the connection: all clients of the proxy
 * would share one limit.
 */
export function warnOfSharedAddress({ headers }: IncomingMessage): void {
  if (isWarned || (headers["x-forwarded-for"] === undefined && headers["forwarded"] === undefined)) return;
  isWarned = true;
  process.emitWarning("a request came with X-Forwarded-For or Forwarded, but clients are distinguished by the address of the connection", {
    type: "RateLimitWarning",
    code: "AIVILLAGE_RATE_LIMIT_SHARED_ADDRESS",
    detail:
      `${packageName}: all clients of a proxy share one limit. Behind a proxy, mount clientIp({ trustedProxies: […] }) of ` +
      "@aivillage/client-ip before and set `clientIp: getClientIp`. Without one, set `clientIp: (req) => req.socket.remoteAddress`.",
  });
}
