import { accessLog } from "@aivillage/access-log";
import { clientIp, getClientIp } from "@aivillage/client-ip";
import { fileUpload } from "@aivillage/file-upload";
import { liveness, readiness } from "@aivillage/health-cascade";
import { problemDetails } from "@aivillage/problem-details";
import { getRequestId, getTraceContext, requestId } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";
import { securityHeaders } from "@aivillage/security-headers";

import type { GatewayConfig } from "../config/gateway-config.ts";
import { apiPages } from "../endpoints/api-pages.ts";
import { configuredRoutes } from "../endpoints/configured.ts";
import { informationPart } from "../endpoints/information.ts";
import { legacyRoutes } from "../endpoints/legacy.ts";
import { chatSchema, noParameters, querySchema } from "../endpoints/schemas.ts";
import { scrapePart } from "../endpoints/scrape.ts";
import type { Foundation } from "../state/runtime-state.ts";
import { tracingPart } from "../tracing/tracing-part.ts";
import { uploadTimeoutMs } from "./body-times.ts";
import { corsPart } from "./cors.ts";
import { screenField } from "./form-fields.ts";
import { guardPart } from "./guard.ts";
import { shareHealth } from "./health.ts";
import { inputPart } from "./input.ts";
import { logFields } from "./log-fields.ts";
import { chatProxyPart, healthPart, queryProxyPart, uploadProxyPart } from "./proxies.ts";
import { untrustedForwardingPart } from "./untrusted-forwarding.ts";

/** Every part of the request path, made from the configuration; `createGateway()` puts them in order. */
export function makeParts(config: GatewayConfig, foundation: Foundation) {
  const { server, upload, features, log } = config;
  const { logger, observer, metrics, ownRoutes } = foundation;
  const guard = guardPart(config, foundation);
  const health = healthPart(config);
  const configured = configuredRoutes(config, guard.of);
  const tracing = tracingPart(logger);
  const accessLines = accessLog({
    logger,
    requestId: getRequestId,
    traceId: (req) => getTraceContext(req)?.traceId,
    clientIp: getClientIp,
    route: getRoute,
    fields: logFields,
    sample: { perSecond: log.linesPerSecond },
  });
  const api = apiPages(config);
  const proxies = {
    queryProxy: queryProxyPart(config),
    chatProxy: chatProxyPart(config),
    uploadProxy: uploadProxyPart(config),
  };

  const allProxies = [...Object.values(proxies), ...configured.proxies];
  observer.watch(health, allProxies);
  const stopSharing = shareHealth(health, allProxies, observer);

  return {
    requestId: requestId(tracing.requestId),
    tracing: tracing.handlers,
    clientIp: clientIp({ trustedProxies: server.trustedProxies }),
    untrustedForwarding: untrustedForwardingPart(logger),
    mark: observer.mark,
    accessLog: accessLines,
    metrics,
    securityHeaders: securityHeaders(),
    cors: corsPart(config),
    health,
    liveness: liveness(),
    readiness: readiness({ isReady: () => !foundation.draining }),
    scrape: scrapePart(config, foundation),
    information: informationPart(config),
    ownRoutes: ownRoutes.handler,
    guard: guard.of,
    limited: guard.limited,
    queryInput: inputPart({ body: querySchema, query: noParameters }),
    chatInput: inputPart({ body: chatSchema, query: noParameters }),
    uploadInput: inputPart({ query: noParameters }),
    upload: fileUpload({ fileBytes: upload.maxFileBytes, timeoutMs: uploadTimeoutMs, checkField: screenField }),
    ...proxies,
    configuredRoutes: configured.routes,
    api,
    apiAssets: Object.fromEntries(Object.entries(api.assets).map(([path, asset]) => [path, { GET: [...guard.limited, asset] }])),
    legacyRoutes: features.legacyPaths ? legacyRoutes() : {},
    problems: problemDetails({ requestId: getRequestId }),
    /** Ends when the requests that are with the services have ended. */
    close: async () => {
      stopSharing();
      health.close();
      guard.close();
      accessLines.close();
      await Promise.all(allProxies.map((proxy) => proxy.close()));
      await tracing.close();
    },
  };
}
