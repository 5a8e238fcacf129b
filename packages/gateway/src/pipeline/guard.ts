import type { IncomingMessage } from "node:http";

import { requirePrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { addressList, defined, type Handler, memoize, requestValue } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { RouteLimit } from "../config/settings/route-access.ts";
import { routeName } from "../config/settings/route-name.ts";
import type { RuntimeState } from "../state/runtime-state.ts";
import { identify } from "./identify.ts";
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
  /** Name of these limits. Default: made from the path. */
  readonly name?: string;
  /** Clients may send credentials of the upstream service, so unknown ones do not count as guesses. Default false. */
  readonly hasForeignCredentials?: boolean;
}

/** What stands before every endpoint that is more than a probe. */
export interface Guard {
  /** Reads credentials, then limits: a verified client has its own limit. */
  readonly limited: readonly Handler[];
  /** The same for an endpoint, then the demand for a principal, which comes last so that guessing keys costs. */
  readonly of: (path: string, policy: AccessPolicy) => readonly Handler[];
  /** Whether a text is a key of the ring, valid or not. */
  readonly isOwnKey: (text: string) => boolean;
  /** Another configuration is in force: no file is followed any more, and requests in progress keep the keys that they have. */
  retire(): void;
  close(): void;
}

const foreign = requestValue<true>("@aivillage/gateway.foreign-credentials");

const markForeign: Handler = (req, _res, next) => {
  foreign.set(req, true);
  next();
};

/** Accepts the key of the configuration, those of the keys file, and signed tokens. */
export function makeGuard(config: GatewayConfig, { counts, observer, tokenKeys, apiKeys }: RuntimeState): Guard {
  const { auth, rateLimit } = config;
  const isListed = memoize(1_000, addressList("@aivillage/gateway", "rateLimit.allow", rateLimit.allow));
  const isExempt = (req: IncomingMessage): boolean =>
    foreign.get(req) === true || (rateLimit.allow.length > 0 && isListed(getClientIp(req) ?? ""));
  observer.exempt(isExempt);
  const issuerKeys = tokenKeys.of(auth);
  void issuerKeys?.ready();
  const keys = apiKeys.of(config);
  const identified = identify(config, { ring: keys.ring, issuerKeys, skip: isExempt });
  const makeLimit = limitsPart(config, counts);
  const general = makeLimit();
  const made = [general];

  return {
    limited: [identified, general],
    isOwnKey: (text) => keys.ring.check(text, Date.now()) !== "unknown",
    of: (
      path,
      {
        isUnlimited = false,
        public: isPublic = false,
        limits = [],
        scopes,
        tiers,
        name = routeName({ path }),
        hasForeignCredentials = false,
      },
    ) => {
      if (isUnlimited) return [];
      const limit = limits.length === 0 ? general : makeLimit(name, limits);
      made.push(limit);
      return [
        ...(hasForeignCredentials ? [markForeign] : []),
        identified,
        limit,
        ...(isPublic ? [] : [requirePrincipal(defined({ scopes, tiers }))]),
      ];
    },
    retire: () => keys.release(),
    close: () => {
      for (const limit of made) limit.close();
    },
  };
}
