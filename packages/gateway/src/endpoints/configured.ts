import type { IncomingMessage } from "node:http";

import { type DownstreamProxy, downstreamProxy } from "@aivillage/downstream-proxy";
import type { Handler } from "@aivillage/middleware";
import { fillTemplate, getPathParameters, type Methods, originForm, type Routes } from "@aivillage/router";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { RouteConfig } from "../config/route-config.ts";
import { routeName } from "../config/route-name.ts";
import type { Guard } from "../pipeline/guard.ts";
import { inputPart, refuseBody } from "../pipeline/input.ts";
import { checkedJson, commonOptions, timeoutOptions } from "../pipeline/proxies.ts";
import { noParameters } from "./schemas.ts";

/** The routes that the configuration adds: each is guarded, checked and proxied like the built-in ones. */
export function configuredRoutes(config: GatewayConfig, guard: Guard["of"]): { routes: Routes; proxies: DownstreamProxy[] } {
  const proxies: DownstreamProxy[] = [];
  const routes = config.routes.flatMap((route): [string, Methods][] => {
    // Without a service of its own it is the policy of a built-in route, which the guard knows.
    if (route.upstream === undefined) return [];
    const proxy = proxyOf(route, route.upstream, config);
    proxies.push(proxy);
    const handlers: Handler[] = [...guard(route.path, {}), ...inputOf(route), proxy];
    return [[route.path, Object.fromEntries((route.methods ?? ["GET"]).map((method) => [method, handlers]))]];
  });
  return { routes: Object.fromEntries(routes), proxies };
}

/** Where no body is configured none is taken, whatever the method. */
function inputOf({ query = noParameters, body }: RouteConfig): Handler[] {
  if (body === undefined) return [refuseBody, inputPart({ query })];
  return [inputPart({ query, ...(body !== "stream" && { body }) })];
}

function proxyOf(route: RouteConfig, url: readonly string[], config: GatewayConfig): DownstreamProxy {
  const { path, upstreamPath, timeoutSeconds = config.timeouts.requestSeconds } = route;
  return downstreamProxy({
    ...commonOptions(config),
    ...timeoutOptions(timeoutSeconds),
    ...(route.failureStatuses !== undefined && { failureStatuses: route.failureStatuses }),
    targets: [{ name: routeName(path), url }],
    path: upstreamPath === undefined ? targetOf : (req) => fillTemplate(upstreamPath, getPathParameters(req)) + queryOf(req),
    ...(typeof route.body === "object" && { body: checkedJson }),
  });
}

/** As it came, mount path included; services get no absolute form. */
function targetOf({ originalUrl, url = "" }: IncomingMessage & { originalUrl?: string }): string {
  return originForm(originalUrl ?? url);
}

function queryOf({ url = "" }: IncomingMessage): string {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start);
}
