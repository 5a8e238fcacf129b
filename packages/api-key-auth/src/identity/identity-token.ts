import type { IncomingMessage } from "node:http";

import { defined, type Handler, type Next, requestValue } from "@aivillage/middleware";
import type * as jose from "jose";

import { getPrincipal } from "../outcome.ts";
import { type IdentityTokenOptions, readIdentityTokenOptions } from "./identity-options.ts";
import { readSigningKey, type SigningKey } from "./signing-key.ts";

const token = requestValue<string>("@aivillage/api-key-auth.identity-token");

/** Loaded with the first request that needs a token. */
let loading: Promise<typeof jose> | undefined;

/** The token that `identityToken()` has signed for the request; `undefined` before it has run. */
export function getIdentityToken(req: IncomingMessage): string | undefined {
  return token.get(req);
}

/**
 * Makes the middleware that signs a short-lived token (RFC 7519) about the principal of each request, for a service that the request is
 * forwarded to. Send `getIdentityToken(req)` to it in a header of your choice.
 *
 * The claims are `sub` (`kind:id`), `scope` (RFC 8693) and `tier`, beside `iss`, `aud`, `iat` and `exp`. A request without a principal gets a
 * token without `sub`, `scope` and `tier`.
 *
 * @throws OptionError for an unknown or bad option, and for a key that cannot sign
 */
export function identityToken(options: IdentityTokenOptions): Handler {
  const { keyText, issuer, audience, lifetimeMs, claims, now } = readIdentityTokenOptions(options);
  let known = { text: keyText(), signing: readSigningKey(keyText()) };

  function signingKey(): SigningKey {
    const text = keyText();
    if (known.text !== text) known = { text, signing: readSigningKey(text) };
    return known.signing;
  }

  async function sign(req: IncomingMessage): Promise<string> {
    const { SignJWT } = await (loading ??= import("jose"));
    const { key, algorithm } = signingKey();
    const issuedAt = Math.floor(now() / 1_000);
    return new SignJWT(claimsOf(req, claims(req)))
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + Math.floor(lifetimeMs / 1_000))
      .sign(key);
  }

  return function identityTokenHandler(req, _res, next) {
    void sign(req).then((signed) => keep(req, signed, next), next);
  };
}

function keep(req: IncomingMessage, signed: string, next: Next): void {
  token.set(req, signed);
  next();
}

/** The principal's own claims come last, so that no other claim says who the client is. */
function claimsOf(req: IncomingMessage, further: Readonly<Record<string, unknown>>): jose.JWTPayload {
  const principal = getPrincipal(req);
  const sub = principal && `${principal.kind}:${principal.id}`;
  return defined({ tier: principal?.tier, ...further, sub, scope: principal?.scopes.join(" ") });
}
