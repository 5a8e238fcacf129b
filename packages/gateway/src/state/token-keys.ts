import { JwkSet, jwkSetChanged, type JwtOptions } from "@aivillage/api-key-auth";
import { defined } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { jwkSetOptions, tokenSecrets } from "../config/settings/token-secrets.ts";
import type { NoteSource } from "./note-source.ts";

type Auth = GatewayConfig["auth"];

/** The public keys of the issuer of tokens, kept through changes of the configuration that do not concern them. */
export interface TokenKeys {
  /** The keys that the configuration names, loading or loaded; `undefined` for none. */
  of(auth: Auth): JwkSet | undefined;
  close(): void;
}

/** @param note receives whether the keys that the configuration names could be loaded */
export function makeTokenKeys(note: NoteSource = () => undefined): TokenKeys {
  let known: { readonly form: string; readonly set: JwkSet } | undefined;
  // Those of an earlier configuration may be loading still.
  const unsubscribe = jwkSetChanged.subscribe(({ source, state }) => {
    if (source === known?.set.source) note("token_keys", state === "failed");
  });
  return {
    of: ({ jwt }) => {
      const options = jwkSetOptions(jwt);
      const form = options && JSON.stringify(options);
      if (form === known?.form) return known?.set;
      known = options && { form: JSON.stringify(options), set: new JwkSet(options) };
      note("token_keys", false);
      return known?.set;
    },
    close: unsubscribe,
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
