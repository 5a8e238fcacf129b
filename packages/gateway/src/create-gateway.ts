import type { Registry } from "@aivillage/metrics";
import { compose, type Handler } from "@aivillage/middleware";
import { notFound } from "@aivillage/problem-details";
import express from "express";

import type { GatewayConfig } from "./config/gateway-config.ts";
import type { GatewayDependencies, GatewayLogger } from "./dependencies.ts";
import { makeParts } from "./parts/make-parts.ts";
import { type Methods, methodTable } from "./parts/method-table.ts";

/** A gateway that does not listen by itself: mount its handler. */
export interface Gateway {
  /** Answers every request that reaches it. For `createServer(handler)`, or `app.use("/path", handler)`. */
  readonly handler: Handler & ((req: Parameters<Handler>[0], res: Parameters<Handler>[1]) => void);
  readonly logger: GatewayLogger;
  readonly registry: Registry;
  /** Turns `/readyz` to 503, so that load balancers send no more. */
  drain(): void;
  /** Closes connections to the services behind and stops all timers. */
  close(): Promise<void>;
}

/**
 * Composes the packages into a gateway. This function is the request path: what a request meets, from top to bottom.
 *
 * @throws TypeError when a part refuses the configuration
 */
export function createGateway(config: GatewayConfig, dependencies: GatewayDependencies = {}): Gateway {
  const { features } = config;
  const parts = makeParts(config, dependencies);
  const app = express().disable("x-powered-by").disable("etag").set("query parser", false);
  const on = (path: string, methods: Methods): void => void app.all(path, methodTable(path, methods));

  app.use(compose(parts.mark, parts.requestId, parts.clientIp, parts.accessLog, parts.metrics, parts.securityHeaders, parts.cors));

  on("/healthz", { GET: [parts.health] });
  on("/livez", { GET: [parts.liveness] });
  on("/readyz", { GET: [parts.readiness] });
  if (features.metrics) on("/metrics", { GET: [parts.scrape] });

  // Credentials are read first, so that a verified client has its own limit; they are demanded after the limit, so that guessing is limited.
  const limited = [parts.identify, parts.rateLimit];
  on("/", { GET: [...limited, parts.information] });
  on("/v1/query", { POST: [...limited, parts.require("query"), parts.queryInput, parts.queryProxy] });
  on("/v1/chat", { POST: [...limited, parts.require("chat"), parts.chatInput, parts.chatProxy] });
  if (features.fileUpload) on("/v1/upload", { POST: [...limited, parts.require("upload"), parts.upload, parts.uploadProxy] });

  app.use(compose(...limited, notFound()));
  app.use(parts.problems);

  return { handler: app, logger: parts.logger, registry: parts.registry, drain: parts.drain, close: parts.close };
}
