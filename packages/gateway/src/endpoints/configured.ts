import type { IncomingMessage } from "node:http";

import type { DownstreamProxyOptions, PathExchange, TargetOptions } from "@aivillage/downstream-proxy";
import { defined, type Handler, originForm } from "@aivillage/middleware";
import { fillTemplate, getPathParameters, redirect } from "@aivillage/router";

import { forwardsCredentials } from "../config/options/credential-headers.ts";
import { serviceOptions } from "../config/options/service-options.ts";
import { targetOptions } from "../config/options/target-options.ts";
import { type ExpandedRoute, expandRoute, isProvider, sendsForwarded } from "../config/settings/expand-route.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { aiRouteOf } from "../config/settings/route-ai.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import { toBytes } from "../config/settings/route-input.ts";
import { hostsOf, methodsOf } from "../config/settings/route-matching.ts";
import { routeName } from "../config/settings/route-name.ts";
import { namedBody, responseFilter } from "../pipeline/ai-calls.ts";
import { fallbackHeaders } from "../pipeline/fallback-headers.ts";
import type { AccessPolicy } from "../pipeline/guard.ts";
import { checkedJson, commonOptions, targetServiceOptions, timeoutOptions } from "../pipeline/proxies.ts";
import { requestHeaderOptions, strayKeysOf } from "../pipeline/request-headers.ts";
import { responseHeaderOptions } from "../pipeline/response-headers.ts";
import type { UpstreamContext } from "../pipeline/upstream-context.ts";
import type { Endpoint } from "./endpoint.ts";
import { configuredOperation } from "./openapi/configured-operation.ts";
import { markRest, prefixExchange } from "./rewrite-path.ts";

/** The routes that the configuration adds: endpoints like the built-in ones. A route without a service is the policy of one of those. */
export function configuredEndpoints({ routes }: GatewayConfig): Endpoint[] {
  return routes.flatMap((route) => {
    if (route.upstream === undefined && route.redirect === undefined) return [];
    const expanded = expandRoute(route);
    return hostsOf(route).map((host) => configuredEndpoint(expanded, host));
  });
}

function configuredEndpoint(route: ExpandedRoute, host: string | undefined): Endpoint {
  const { path, upstream } = route;
  const { query, body, maxBodyBytes, maxStringLength, maxDepth, maxKeys } = route;
  const base = {
    path,
    host,
    route,
    concurrency: route.concurrency,
    methods: methodsOf(route),
    access: accessOf(route),
    describe: (method: string) => configuredOperation(route, method),
  };
  if (upstream === undefined) return { ...base, handler: () => redirected(route) };
  return {
    ...base,
    input: { query, body, maxBodyBytes, maxStringLength, maxDepth, maxKeys },
    proxy: (config, context) => proxyOptions({ ...route, upstream }, config, context),
  };
}

function accessOf(route: RouteConfig): AccessPolicy {
  const { public: isPublic = route.redirect !== undefined, scopes, tiers, limits } = route;
  return { public: isPublic, scopes, tiers, limits, name: routeName(route), hasForeignCredentials: forwardsCredentials(route) };
}

type ServiceRoute = ExpandedRoute & { readonly upstream: readonly string[] };

function proxyOptions(route: ServiceRoute, config: GatewayConfig, context: UpstreamContext): DownstreamProxyOptions {
  const { rewrite, body, maxBodyBytes = config.input.maxStreamedBytes } = route;
  const common = commonOptions(config);
  return {
    ...common,
    ...timeoutOptions(config.timeouts.requestSeconds),
    ...targetServiceOptions(route.target, config),
    ...serviceOptions(route),
    ...webSocketOptions(route.websocket),
    ...requestHeaderOptions(route, common, context),
    ...responseHeaderOptions(route),
    ...responseFilter(route, context),
    targets: targetsOf(route, context),
    path: withoutStrayKeys(route, rewrite === undefined ? targetOf : rewritten(rewrite, route.path), context),
    sendForwarded: sendsForwarded(route),
    rewriteLocation: route.target?.rewriteLocation !== false && (exchangeOf(route) ?? true),
    // `aiCall()` leaves the body of a call in the request.
    ...(typeof body === "object" && route.ai === undefined && { body: checkedJson }),
    ...(body === "stream" && { maxBodyBytes: toBytes(maxBodyBytes) }),
  };
}

function targetsOf(route: ServiceRoute, context: UpstreamContext): TargetOptions[] {
  const name = routeName(route);
  const { upstream, fallback = [], target } = route;
  return [
    { ...targetOptions({ name, urls: upstream }, target), ...defined({ body: namedBody(aiRouteOf(route)?.modelNames) }) },
    ...fallback.map((entry, index) => {
      const { upstream: url, path, modelNames } = entry;
      const headers = fallbackHeaders(route, entry, context);
      return defined({ name: `${name}.f${index + 1}`, url, path, headers, body: namedBody(modelNames) });
    }),
  ];
}

function webSocketOptions(websocket: RouteConfig["websocket"] = {}): Partial<DownstreamProxyOptions> {
  if (websocket === false) return { upgrades: [] };
  const { idleSeconds, maxSeconds } = websocket;
  return {
    ...(idleSeconds !== undefined && { upgradeIdleTimeoutMs: Math.round(idleSeconds * 1_000) }),
    ...(maxSeconds !== undefined && { maxStreamMs: Math.round(maxSeconds * 1_000) }),
  };
}

/** On routes to providers, whose queries may hold a key by mistake. */
function withoutStrayKeys(route: ExpandedRoute, path: (req: IncomingMessage) => string, context: UpstreamContext) {
  if (!isProvider(route)) return path;
  const stray = strayKeysOf(context);
  return (req: IncomingMessage) => stray.without(path(req), req);
}

/** Verbatim, mount path included; services get no absolute form. */
function targetOf({ originalUrl, url = "" }: IncomingMessage & { originalUrl?: string }): string {
  return originForm(originalUrl ?? url);
}

function redirected({ path, redirect: { location, status } = { location: "/" } }: ExpandedRoute): Handler {
  return redirect(markRest(location, path), defined({ status }));
}

function rewritten(rewrite: string, path: string): (req: IncomingMessage) => string {
  const template = markRest(rewrite, path);
  return (req) => fillTemplate(template, getPathParameters(req)) + queryOf(req);
}

function exchangeOf({ path, rewrite }: RouteConfig): PathExchange | undefined {
  return rewrite === undefined ? undefined : prefixExchange(rewrite, path);
}

function queryOf({ url = "" }: IncomingMessage): string {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start);
}
