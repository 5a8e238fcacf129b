import { JwkSet, type JwtOptions } from "@aivillage/api-key-auth";
import { defined } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { jwkSetOptions, tokenSecrets } from "../config/settings/token-secrets.ts";

type Auth = GatewayConfig["auth"];

/** The public keys of the issuer of tokens, kept through changes of the configuration that do not concern them. */
export interface TokenKeys {
  /** The keys that the configuration names, loading or loaded; `undefined` for none. */
  of(auth: Auth): JwkSet | undefined;
}

export function makeTokenKeys(): TokenKeys {
  let known: { readonly source: string; readonly set: JwkSet } | undefined;
  return {
    of: ({ jwt }) => {
      const options = jwkSetOptions(jwt);
      if (options === undefined) return undefined;
      const source = JSON.stringify(options);
      if (known?.source !== source) known = { source, set: new JwkSet(options) };
      return known.set;
    },
  };
}

/** Which tokens are accepted. */
export function jwtOptions(auth: Auth, keys: JwkSet | undefined): JwtOptions {
  const { issuer, audience, maxLifetimeSeconds, clockToleranceSeconds } = auth.jwt;
  const [secret, previousSecret] = tokenSecrets(auth);
  return {
    ...defined({ secret, previousSecret, keys }),
    ...(issuer.length > 0 && { issuer }),
    ...(audience.length > 0 && { audience }),
    ...(maxLifetimeSeconds > 0 && { maxLifetimeMs: maxLifetimeSeconds * 1_000 }),
    clockToleranceMs: clockToleranceSeconds * 1_000,
  };
}
