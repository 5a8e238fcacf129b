import type { RequestListener } from "node:http";

import type { Registry } from "@aivillage/metrics";
import { compose, toListener } from "@aivillage/middleware";
import { notFound } from "@aivillage/problem-details";
import type { Express } from "express";

import type { GatewayConfig } from "./config/gateway-config.ts";
import type { GatewayDependencies, GatewayLogger } from "./dependencies.ts";
import { makeParts } from "./parts/make-parts.ts";
import { routeTable } from "./parts/route-table.ts";

/** A gateway that does not listen by itself: mount its handler. */
export interface Gateway {
  /** Answers every request that reaches it: `createServer(handler)`, or `app.use("/path", handler)`. */
  readonly handler: RequestListener;
  /** An Express app for routes of your own: it gets what the gateway's routes do not take, behind all limits. */
  readonly app: Express;
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
  // Credentials are read first, so that a verified client has its own limit; they are demanded after it, so that guessing costs.
  const limited = [parts.identify, parts.rateLimit];

  const path = compose(
    parts.mark,
    parts.requestId,
    parts.clientIp,
    parts.accessLog,
    ...(features.metrics ? [parts.metrics] : []),
    parts.securityHeaders,
    parts.cors,
    routeTable({
      "/healthz": { GET: [parts.health] },
      "/livez": { GET: [parts.liveness] },
      "/readyz": { GET: [parts.readiness] },
      "/metrics": features.metrics && { GET: [parts.scrape] },
      "/": { GET: [...limited, parts.information] },
      "/v1/query": { POST: [...limited, parts.require("query"), parts.queryInput, parts.queryProxy] },
      "/v1/chat": { POST: [...limited, parts.require("chat"), parts.chatInput, parts.chatProxy] },
      "/v1/upload": features.fileUpload && { POST: [...limited, parts.require("upload"), parts.upload, parts.uploadProxy] },
    }),
    ...limited,
    parts.app,
    notFound(),
  );

  const { app, logger, registry, drain, close } = parts;
  return { handler: toListener(path, parts.problems), app, logger, registry, drain, close };
}
