import { getPendingUpgrade, type Handler, HttpProblem } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { allowsOrigin, type CorsEndpoints } from "./cors.ts";

const refused = new HttpProblem({ status: 403, detail: "Pages of this origin may not open WebSockets here; the operator can allow it." });

/**
 * Refuses WebSockets that pages of other origins open, unless CORS allows these. Browsers ask no permission before such a request and let the
 * page read what comes, so the server has to check (RFC 6455, 10.2). Clients that are no browsers send no `Origin`.
 */
export function upgradeOrigins({ cors }: GatewayConfig, { endpointOf }: CorsEndpoints): Handler {
  return function upgradeOriginsHandler(req, _res, next) {
    const { origin, host } = req.headers;
    if (origin === undefined || getPendingUpgrade(req) === undefined || URL.parse(origin)?.host === host) return next();
    const own = endpointOf(req)?.route?.cors;
    const origins = own === false ? [] : (own?.origins ?? cors.origins);
    next(allowsOrigin(origins, origin) ? undefined : refused);
  };
}
