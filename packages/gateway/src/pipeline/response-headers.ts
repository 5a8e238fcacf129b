import type { Handler } from "@aivillage/middleware";
import { securityHeaders } from "@aivillage/security-headers";

import type { RouteConfig } from "../config/settings/route-config.ts";

/** Security headers by which a page says what it may do. A service may set them where a route leaves them to it. */
const pageHeaders: readonly string[] = [
  "content-security-policy",
  "x-frame-options",
  "referrer-policy",
  "permissions-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "cross-origin-embedder-policy",
  "origin-agent-cluster",
];

/** Security headers of a route instead of those of all. Mount it first in the route, so that refusals have them too. */
export function routeSecurityHeaders({ securityHeaders: given }: Pick<RouteConfig, "securityHeaders">): Handler[] {
  if (given === undefined || given === "api" || given === "service") return [];
  return [securityHeaders(given === "web" ? webPages : given)];
}

/** A service does not know the nonce of the gateway, so its pages load their scripts and styles from their own origin. */
const webPages = {
  preset: "web",
  contentSecurityPolicy: { "script-src": ["'self'"], "style-src": ["'self'"] },
} as const;

/** Sets and removes headers of the service's responses. Mount it before the proxy, which keeps what was set. */
export function responseHeaders({ responseHeaders: rules = {} }: Pick<RouteConfig, "responseHeaders">): Handler[] {
  const entries = Object.entries(rules);
  if (entries.length === 0) return [];
  return [
    function responseHeadersHandler(_req, res, next) {
      for (const [name, value] of entries) {
        if (value === false) res.removeHeader(name);
        else res.setHeader(name, value);
      }
      next();
    },
  ];
}

/** What the proxy does with the headers of the service, for these rules. */
export function responseHeaderOptions({ responseHeaders: rules = {}, securityHeaders: given }: RouteConfig) {
  const removed = Object.keys(rules).filter((name) => rules[name] === false);
  return {
    ...(removed.length > 0 && { withholdResponseHeaders: removed }),
    ...(given === "service" && { overridableResponseHeaders: pageHeaders }),
  };
}
