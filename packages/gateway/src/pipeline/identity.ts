import type { IncomingMessage } from "node:http";

import { getIdentityToken, getPrincipal, identityToken } from "@aivillage/api-key-auth";
import type { Handler } from "@aivillage/middleware";
import { getRequestId } from "@aivillage/request-id";

import type { RouteConfig } from "../config/settings/route-config.ts";
import { routeName } from "../config/settings/route-name.ts";
import { principalName } from "../state/client-key.ts";
import { getTier } from "./limits.ts";
import type { UpstreamContext } from "./upstream-context.ts";

type Fields = Record<string, string | undefined>;

/** Adds who the client is to the headers for the service. A client's own headers of these names are dropped on every route. */
export function identityHeaders({ identity }: RouteConfig): ((fields: Fields, req: IncomingMessage) => void)[] {
  if (identity === undefined) return [];
  if (identity === "headers") return [addPlainIdentity];
  return [(fields, req) => void (fields["x-gateway-identity"] = getIdentityToken(req))];
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
export function identityTokens(route: RouteConfig, { secrets }: UpstreamContext): Handler[] {
  const { identity } = route;
  if (typeof identity !== "object") return [];
  const { keyFile, audience = routeName(route), lifetimeSeconds = 60 } = identity;
  return [
    identityToken({
      key: () => secrets.textOf(keyFile),
      issuer: "aivillage-gateway",
      audience,
      lifetimeMs: lifetimeSeconds * 1_000,
      claims: (req) => ({ tier: getTier(req), request_id: getRequestId(req) }),
    }),
  ];
}
