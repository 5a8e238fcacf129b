import { accessLog, createLogger } from "@aivillage/access-log";
import { requirePrincipal } from "@aivillage/api-key-auth";
import { clientIp, getClientIp } from "@aivillage/client-ip";
import { fileUpload } from "@aivillage/file-upload";
import { liveness, readiness } from "@aivillage/health-cascade";
import { sanitizeInput } from "@aivillage/input-sanitizer";
import { metrics, metricsEndpoint, Registry } from "@aivillage/metrics";
import type { Handler } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { getRequestId, getTraceContext, requestId } from "@aivillage/request-id";
import { securityHeaders } from "@aivillage/security-headers";
import express, { type Express } from "express";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { logFields } from "../observe/log-fields.ts";
import { observe } from "../observe/observe.ts";
import { authenticationPart } from "./authentication.ts";
import { corsPart } from "./cors.ts";
import { informationPart } from "./information.ts";
import { limitsPart } from "./limits.ts";
import { getRoute } from "./route-table.ts";
import { chatSchema, noParameters, querySchema } from "./schemas.ts";
import { chatProxyPart, healthPart, queryProxyPart, uploadProxyPart } from "./services.ts";
import { sharedCountsPart } from "./shared-counts.ts";

/** Every part of the gateway, made from its configuration; `createGateway()` puts them in order. */
export function makeParts(config: GatewayConfig, dependencies: GatewayDependencies) {
  const { log, environment, server, upload } = config;
  const logger =
    dependencies.logger ??
    createLogger({ level: log.debug ? "debug" : toPinoLevel(log.level), pretty: environment === "development" && process.stdout.isTTY });
  const registry = dependencies.registry ?? new Registry();
  const sharedCounts = sharedCountsPart(config, logger);
  const rateLimit = limitsPart(config, sharedCounts?.store);
  const observer = observe(registry, logger, rateLimit);
  const health = healthPart(config);
  const proxies = { queryProxy: queryProxyPart(config), chatProxy: chatProxyPart(config), uploadProxy: uploadProxyPart(config) };
  let draining = false;

  return {
    logger,
    registry,
    requestId: requestId(),
    clientIp: clientIp({ trustedProxies: server.trustedProxies }),
    mark: observer.mark,
    accessLog: accessLog({
      logger,
      requestId: getRequestId,
      traceId: (req) => getTraceContext(req)?.traceId,
      clientIp: getClientIp,
      route: getRoute,
      fields: logFields,
    }),
    metrics: metrics({ registry, endpoint: getRoute }),
    securityHeaders: securityHeaders(),
    cors: corsPart(config),
    health,
    liveness: liveness(),
    readiness: readiness({ isReady: () => !draining }),
    scrape: metricsEndpoint({ registry }),
    information: informationPart(config),
    app: makeApp(),
    identify: authenticationPart(config),
    rateLimit,
    require: (scope: string): Handler => requirePrincipal({ scopes: [scope] }),
    queryInput: sanitizeInput({ body: querySchema, query: noParameters }),
    chatInput: sanitizeInput({ body: chatSchema, query: noParameters }),
    upload: fileUpload({ fileBytes: upload.maxFileBytes }),
    ...proxies,
    problems: problemDetails({ requestId: getRequestId }),
    drain: () => {
      draining = true;
    },
    close: async () => {
      observer.close();
      health.close();
      rateLimit.close();
      sharedCounts?.close();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    },
  };
}

/** For routes of one's own: nothing of it answers by itself. */
function makeApp(): Express {
  return express().disable("x-powered-by").disable("etag");
}

function toPinoLevel(level: GatewayConfig["log"]["level"]): "debug" | "info" | "warn" | "error" {
  return level.toLowerCase() as Lowercase<typeof level>;
}
