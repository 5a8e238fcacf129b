import type { IncomingMessage } from "node:http";

import { apiKeyAuth, requirePrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { addressList, defined, type Handler, memoize } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { RouteConfig } from "../config/route-config.ts";
import type { Foundation } from "../state/runtime-state.ts";
import { jwtOptions } from "../state/token-keys.ts";
import { limitsPart } from "./limits.ts";

/** Who may use a route, and how much. */
type RoutePolicy = Pick<RouteConfig, "public" | "scopes" | "tiers" | "limits">;

/** What stands before every route that is more than a probe. */
export interface Guard {
  /** Reads credentials, then limits: a verified client has its own limit. */
  readonly limited: readonly Handler[];
  /**
   * The same, then the demand for a principal, which comes last so that guessing keys costs. What the configuration says of the path
   * wins over the policy that is given.
   */
  readonly of: (path: string, policy: RoutePolicy) => Handler[];
  close(): void;
}

/** Accepts the key of the configuration, those of the keys file, and signed tokens. */
export function guardPart(config: GatewayConfig, { counts, observer, tokenKeys, apiKeys }: Foundation): Guard {
  const { auth, routes, rateLimit } = config;
  const isListed = memoize(1_000, addressList("@aivillage/gateway", "rateLimit.allow", rateLimit.allow));
  const isExempt = (req: IncomingMessage): boolean => rateLimit.allow.length > 0 && isListed(getClientIp(req) ?? "");
  observer.exempt(isExempt);
  const issuerKeys = tokenKeys.of(auth);
  void issuerKeys?.ready();
  const keys = apiKeys.of(config);
  const identify = apiKeyAuth({
    keys: keys.ring,
    jwt: jwtOptions(auth, issuerKeys),
    clientIp: getClientIp,
    failures: { skip: isExempt },
    realm: "aivillage-gateway",
    deferRefusal: true,
  });
  const makeLimit = limitsPart(config, counts);
  const general = makeLimit();
  const made = [general];

  return {
    limited: [identify, general],
    of: (path, policy) => {
      const configured = routes.find((route) => route.path === path);
      const { public: isPublic = false, limits = [], scopes, tiers } = { ...policy, ...configured };
      const limit = limits.length === 0 ? general : makeLimit(path, limits);
      made.push(limit);
      return [identify, limit, ...(isPublic ? [] : [requirePrincipal(defined({ scopes, tiers }))])];
    },
    close: () => {
      keys.release();
      for (const limit of made) limit.close();
    },
  };
}
