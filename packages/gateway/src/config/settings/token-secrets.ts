import type { JwkSetOptions } from "@aivillage/api-key-auth";

import { developmentKeys } from "./auth-settings.ts";
import type { GatewayConfig } from "./gateway-config.ts";

type Auth = GatewayConfig["auth"];

/** Whether tokens are left to the issuer's public keys: a JWK Set is configured, and nobody has set `SECRET_KEY`. */
export function isSecretLeftOut({ secretKey, jwt }: Auth): boolean {
  return isPublicSecret(secretKey) && (jwt.jwksUrl !== "" || jwt.jwksFile !== "");
}

/** The secrets that verify HS256 tokens. The public one does only where nothing else verifies any token. */
export function tokenSecrets(auth: Auth): string[] {
  const { secretKey, secretKeyPrevious } = auth;
  const previous = secretKeyPrevious === "" ? [] : [secretKeyPrevious];
  const isIdle = isPublicSecret(secretKey) && (previous.length > 0 || isSecretLeftOut(auth));
  return [...(isIdle ? [] : [secretKey]), ...previous];
}

function isPublicSecret(secret: string): boolean {
  return secret === developmentKeys.secretKey;
}

/** Where the issuer's public keys are; `undefined` when the configuration names no location. */
export function jwkSetOptions({ jwksUrl: url, jwksFile: file }: Auth["jwt"]): JwkSetOptions | undefined {
  if (url === "" && file === "") return undefined;
  return { ...(url !== "" && { url }), ...(file !== "" && { file }) };
}
