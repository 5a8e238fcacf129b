import type { IncomingMessage } from "node:http";

import { getPrincipal } from "@aivillage/api-key-auth";
import { type Handler, type Next, requestValue } from "@aivillage/middleware";
import { getRequestId } from "@aivillage/request-id";
import type * as jose from "jose";

import { readSigningKey, type SigningKey } from "../config/rules/identity-key.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import type { IdentityToken } from "../config/settings/route-headers.ts";
import { routeName } from "../config/settings/route-name.ts";
import { principalName } from "../state/client-key.ts";
import { getTier } from "./limits.ts";
import type { UpstreamContext } from "./upstream-context.ts";

type Fields = Record<string, string | undefined>;

const token = requestValue<string>("@aivillage/gateway.identity-token");

/** Adds who the client is to the headers for the service. A client's own headers of these names are dropped on every route. */
export function identityHeaders({ identity }: RouteConfig): ((fields: Fields, req: IncomingMessage) => void)[] {
  if (identity === undefined) return [];
  if (identity === "headers") return [addPlainIdentity];
  return [(fields, req) => void (fields["x-gateway-identity"] = token.get(req))];
}

function addPlainIdentity(fields: Fields, req: IncomingMessage): void {
  const principal = getPrincipal(req);
  const name = principalName(req);
  fields["x-gateway-principal"] = name === undefined ? undefined : visible(name);
  fields["x-gateway-tier"] = visible(getTier(req));
  fields["x-gateway-scopes"] = principal === undefined ? undefined : visible(principal.scopes.join(" "));
  fields["x-gateway-request-id"] = getRequestId(req);
}

/** What is not visible ASCII percent-encoded, since the subject of a token may be any text. */
function visible(text: string): string {
  return text.toWellFormed().replaceAll(/[^ -~]|%/gu, encodeURIComponent);
}

/** Signs the token of each request, for routes that ask for one. It needs `identityHeaders()` to be sent. */
export function identityToken(route: RouteConfig, { secrets }: UpstreamContext): Handler[] {
  const { identity } = route;
  if (typeof identity !== "object") return [];
  const sign = makeSigner(identity, routeName(route), (path) => secrets.textOf(path));
  return [(req, _res, next) => void sign(req).then((signed) => keep(req, signed, next), next)];
}

function keep(req: IncomingMessage, signed: string, next: Next): void {
  token.set(req, signed);
  next();
}

function makeSigner({ keyFile, audience, lifetimeSeconds = 60 }: IdentityToken, name: string, textOf: (path: string) => string) {
  let known: { readonly text: string; readonly signing: SigningKey } | undefined;
  let loading: Promise<typeof jose> | undefined;
  const signingKey = (): SigningKey => {
    const text = textOf(keyFile);
    if (known?.text !== text) known = { text, signing: readSigningKey(text) };
    return known.signing;
  };
  return async (req: IncomingMessage): Promise<string> => {
    const { SignJWT } = await (loading ??= import("jose"));
    const { key, algorithm } = signingKey();
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT(claimsOf(req))
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setIssuer("aivillage-gateway")
      .setAudience(audience ?? name)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetimeSeconds)
      .sign(key);
  };
}

/** Claims by RFC 7519 and RFC 8693; without `sub` for a client without credentials. */
function claimsOf(req: IncomingMessage): jose.JWTPayload {
  const subject = principalName(req);
  const scopes = getPrincipal(req)?.scopes ?? [];
  return {
    ...(subject !== undefined && { sub: subject, scope: scopes.join(" ") }),
    tier: getTier(req),
    request_id: getRequestId(req),
  };
}
