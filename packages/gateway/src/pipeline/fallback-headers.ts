import type { TargetOptions } from "@aivillage/downstream-proxy";

import { credentialHeaders, getsCredentials } from "../config/options/credential-headers.ts";
import { keyHeaderOf, keySource } from "../config/settings/expand-route.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import type { RouteFallback } from "../config/settings/route-service.ts";
import type { UpstreamContext } from "./upstream-context.ts";

/** A service that needs a key does not learn the identity of the client. */
const noForwarded: Readonly<Record<string, undefined>> = {
  "x-forwarded-for": undefined,
  "x-forwarded-proto": undefined,
  "x-forwarded-host": undefined,
  forwarded: undefined,
  via: undefined,
};

/** Request headers of a fallback: its own key, and none of the credentials of the first service; `undefined` if it gets those. */
export function fallbackHeaders(
  route: RouteConfig,
  fallback: RouteFallback,
  { secrets }: Pick<UpstreamContext, "secrets">,
): TargetOptions["headers"] {
  if (getsCredentials(route, fallback)) return undefined;
  const withheld: Readonly<Record<string, undefined>> = Object.fromEntries(credentialHeaders(route).map((name) => [name, undefined]));
  const { keyFile, keyHeader = keyHeaderOf(route) } = fallback;
  if (keyFile === undefined) return Object.keys(withheld).length === 0 ? undefined : () => withheld;
  const { prefix = "" } = keySource(keyHeader, keyFile);
  const forwarded = route.sendForwarded === true ? {} : noForwarded;
  return () => ({ ...withheld, ...forwarded, [keyHeader]: prefix + secrets.textOf(keyFile) });
}
