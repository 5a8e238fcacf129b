import type { IncomingMessage } from "node:http";

import type { DownstreamProxyOptions } from "@aivillage/downstream-proxy";
import { originForm } from "@aivillage/middleware";
import { fillTemplate, getPathParameters } from "@aivillage/router";

import { targetOptions } from "../config/rules/target-options.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { type RouteConfig, routeName } from "../config/settings/route-config.ts";
import { checkedJson, commonOptions, serviceOptions, timeoutOptions } from "../pipeline/proxies.ts";
import type { Endpoint } from "./endpoint.ts";
import { configuredOperation } from "./openapi/configured-operation.ts";

/** The routes that the configuration adds: endpoints like the built-in ones. A route without a service is the policy of one of those. */
export function configuredEndpoints({ routes }: GatewayConfig): Endpoint[] {
  return routes.flatMap((route): Endpoint[] => {
    const { path, methods = ["GET"], upstream, public: isPublic, scopes, tiers, limits, query, body } = route;
    if (upstream === undefined) return [];
    const proxy = (config: GatewayConfig): DownstreamProxyOptions => proxyOptions(route, upstream, config);
    const describe = (method: string) => configuredOperation(route, method);
    return [{ path, methods, access: { public: isPublic, scopes, tiers, limits }, input: { query, body }, proxy, describe }];
  });
}

function proxyOptions(route: RouteConfig, url: readonly string[], config: GatewayConfig): DownstreamProxyOptions {
  const { path, upstreamPath, timeoutSeconds = config.timeouts.requestSeconds } = route;
  return {
    ...commonOptions(config),
    ...timeoutOptions(timeoutSeconds),
    ...(route.failureStatuses !== undefined && { failureStatuses: route.failureStatuses }),
    ...serviceOptions(route.target),
    ...webSocketOptions(route.websocket),
    targets: [targetOptions({ name: routeName(path), urls: url }, route.target)],
    path: upstreamPath === undefined ? targetOf : (req) => fillTemplate(upstreamPath, getPathParameters(req)) + queryOf(req),
    ...(typeof route.body === "object" && { body: checkedJson }),
  };
}

function webSocketOptions(websocket: RouteConfig["websocket"] = {}): Partial<DownstreamProxyOptions> {
  if (websocket === false) return { upgrades: [] };
  const { idleSeconds, maxSeconds } = websocket;
  return {
    ...(idleSeconds !== undefined && { upgradeIdleTimeoutMs: Math.round(idleSeconds * 1_000) }),
    ...(maxSeconds !== undefined && { maxStreamMs: Math.round(maxSeconds * 1_000) }),
  };
}

/** As it came, mount path included; services get no absolute form. */
function targetOf({ originalUrl, url = "" }: IncomingMessage & { originalUrl?: string }): string {
  return originForm(originalUrl ?? url);
}

function queryOf({ url = "" }: IncomingMessage): string {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start);
}
