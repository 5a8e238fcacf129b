import type { IncomingMessage } from "node:http";

import { apiKeyAuth, type JwkSet, type KeyRing } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import type { Handler } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { jwtOptions } from "../state/token-keys.ts";

/** What decides whose a key or token is. */
export interface Credentials {
  readonly ring: KeyRing;
  /** Public keys of the issuer of tokens; `undefined` for none. */
  readonly issuerKeys: JwkSet | undefined;
  /** Whose bad credentials are not counted as guesses. Default: all are counted. */
  readonly skip?: (req: IncomingMessage) => boolean;
}

/** Finds out who sent a request, and leaves it to `requirePrincipal()` to refuse it. */
export function identify({ auth }: GatewayConfig, { ring, issuerKeys, skip = () => false }: Credentials): Handler {
  return apiKeyAuth({
    keys: ring,
    jwt: jwtOptions(auth, issuerKeys),
    carriers: auth.carriers,
    clientIp: getClientIp,
    failures: { skip },
    realm: "aivillage-gateway",
    deferRefusal: true,
  });
}
