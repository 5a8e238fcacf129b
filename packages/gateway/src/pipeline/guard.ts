import type { IncomingMessage } from "node:http";

import { apiKeyAuth, requirePrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { addressList, defined, type Handler, memoize } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { RouteLimit } from "../config/settings/route-config.ts";
import type { RuntimeState } from "../state/runtime-state.ts";
import { jwtOptions } from "../state/token-keys.ts";
import { limitsPart } from "./limits.ts";

/** Who may use an endpoint, and how much. */
export interface AccessPolicy {
  /** True: no credentials are read and no limit counts, as for probes. Default false. */
  readonly isUnlimited?: boolean;
  /** True: no credentials are needed. Default false. */
  readonly public?: boolean | undefined;
  /** Scopes that a principal must all have. Default: none. */
  readonly scopes?: readonly string[] | undefined;
  /** Tiers of which a principal must have one. Default: any. */
  readonly tiers?: readonly string[] | undefined;
  /** Limits beside those of the tiers. Default: none. */
  readonly limits?: readonly RouteLimit[] | undefined;
}

/** What stands before every endpoint that is more than a probe. */
export interface Guard {
  /** Reads credentials, then limits: a verified client has its own limit. */
  readonly limited: readonly Handler[];
  /** The same for an endpoint, then the demand for a principal, which comes last so that guessing keys costs. */
  readonly of: (path: string, policy: AccessPolicy) => readonly Handler[];
  close(): void;
}

/** Accepts the key of the configuration, those of the keys file, and signed tokens. */
export function makeGuard(config: GatewayConfig, { counts, observer, tokenKeys, apiKeys }: RuntimeState): Guard {
  const { auth, rateLimit } = config;
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
    of: (path, { isUnlimited = false, public: isPublic = false, limits = [], scopes, tiers }) => {
      if (isUnlimited) return [];
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
