import { requestClaims } from "@aivillage/downstream-proxy";
import { nameTest, parseServiceUrl } from "@aivillage/middleware";

import type { RouteConfig } from "../settings/route-config.ts";
import { headerSource, type RequestHeaderRule } from "../settings/route-headers.ts";
import type { RouteFallback } from "../settings/route-service.ts";

/** Request headers that may hold a key of the gateway, in lower case: names, and beginnings that end in `*`. */
export const keyHeaders: readonly string[] = [
  "authorization",
  ...requestClaims.flatMap(({ group, names }) => (group === "credentials" ? names : [])),
];

const isKeyHeader = nameTest(keyHeaders);

/** Whether a header may hold a key of the gateway, so that a client's own reaches a service on public routes only. */
export function isCredentialHeader(name: string): boolean {
  return isKeyHeader(name.toLowerCase());
}

/** Whether clients send credentials of their own to the service of a route: where it refuses them, that is the client's problem. */
export function forwardsCredentials({ forwardAuthorization = false, requestHeaders = {} }: RouteConfig): boolean {
  return forwardAuthorization || Object.entries(requestHeaders).some(([name, rule]) => rule === true && isCredentialHeader(name));
}

/** Headers of a route that hold credentials for its service, or those of the client, in lower case. */
export function credentialHeaders(route: RouteConfig): readonly string[] {
  const { requestHeaders = {}, forwardAuthorization = false, forwardCookies = false, identity } = route;
  return [
    ...Object.entries(requestHeaders).flatMap(([name, rule]) => (carriesCredential(name, rule) ? [name.toLowerCase()] : [])),
    ...(forwardAuthorization ? ["authorization"] : []),
    ...(forwardCookies ? ["cookie"] : []),
    ...(typeof identity === "object" ? ["x-gateway-identity"] : []),
  ];
}

function carriesCredential(name: string, rule: RequestHeaderRule): boolean {
  if (rule === true) return isCredentialHeader(name);
  const source = headerSource(rule);
  return source?.file !== undefined || source?.env !== undefined;
}

/** Whether a fallback gets the credentials of the first service: at the same origin, or where the operator says so. */
export function getsCredentials({ upstream = [] }: RouteConfig, fallback: RouteFallback): boolean {
  if (fallback.keyFile !== undefined) return false;
  return fallback.shareCredentials === true || isSameOrigin(upstream, fallback);
}

/** Whether every replica of a fallback is at an origin of the first service. */
function isSameOrigin(upstream: readonly string[], fallback: RouteFallback): boolean {
  const origins = new Set(upstream.map(originOf));
  return fallback.upstream.every((url) => origins.has(originOf(url)));
}

/** Scheme and authority, or the socket without the base path after a colon. */
function originOf(url: string): string {
  return parseServiceUrl(url)?.origin ?? url;
}
