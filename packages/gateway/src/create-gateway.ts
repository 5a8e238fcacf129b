import type { RequestListener } from "node:http";

import { trustedPeers } from "@aivillage/client-ip";
import type { Registry } from "@aivillage/metrics";
import { compose, toListener } from "@aivillage/middleware";
import { notFound } from "@aivillage/problem-details";
import type { Penalties } from "@aivillage/rate-limit";
import { router } from "@aivillage/router";
import type { Express } from "express";

import { assertConfig } from "./config/check-config.ts";
import { deepFreeze } from "./config/deep-freeze.ts";
import type { GatewayConfig } from "./config/gateway-config.ts";
import { keepFixed } from "./config/keep-fixed.ts";
import { copyConfig } from "./config/source-files.ts";
import type { GatewayDependencies, GatewayLogger } from "./dependencies.ts";
import { checkHead } from "./pipeline/check-head.ts";
import { makeParts } from "./pipeline/make-parts.ts";
import { countRequests } from "./serve/count-requests.ts";
import { type Foundation, makeFoundation } from "./state/runtime-state.ts";
import type { ConnectionLimited } from "./state/telemetry/connection-limited.ts";

/** A gateway that does not listen by itself: mount its handler. */
export interface Gateway {
  /** Answers every request that reaches it: `createServer(handler)`, or `app.use("/path", handler)`. */
  readonly handler: RequestListener;
  /** An Express app for routes of your own: it gets what the gateway's routes do not take, behind all limits. */
  readonly app: Express;
  /** The configuration in force, frozen; `reload()` replaces it. */
  readonly config: GatewayConfig;
  readonly logger: GatewayLogger;
  readonly registry: Registry;
  /** Who is under suspicion; `lift()` ends a penalty. */
  readonly penalties: Penalties;
  /** Whether a peer is a trusted proxy by the configuration in use. `startGateway()` asks it about new connections. */
  trustsPeer(address: string | undefined): boolean;
  /** Counts and logs a limit of the server in front that was reached. `startGateway()` calls it. */
  connectionLimited(reached: ConnectionLimited): void;
  /**
   * When limits are shared through Redis from the first request on, a second at most, and the keys of an issuer of tokens are loaded, five
   * seconds at most; at once without either.
   */
  readonly ready: Promise<unknown>;
  /**
   * Serves by another configuration from the next request on; requests under way end by the old one.
   *
   * @returns the settings that differ and need a restart; they stay as they were
   * @throws ConfigError when what would be in force, the settings that stay included, does not pass the checks of a start; nothing has
   * changed then
   */
  reload(config: GatewayConfig): string[];
  /** Turns `/readyz` to 503, so that load balancers send no more, and lets connections end with their next answer. */
  drain(): void;
  /** Closes connections to the services behind and stops all timers. */
  close(): Promise<void>;
}

/**
 * Composes the packages into a gateway.
 *
 * @throws ConfigError with every problem, as `loadConfig()` does
 */
export function createGateway(given: GatewayConfig, dependencies: GatewayDependencies = {}): Gateway {
  assertConfig(given);
  // The caller may change its object later, and what is in force would change without a check.
  const config = deepFreeze(copyConfig(given));
  const foundation = makeFoundation(config, dependencies);
  const { ownRoutes, logger, registry, counts, tokenKeys } = foundation;
  let inUse = config;
  let path = firstPath(config, foundation);
  const closing = new Set<Promise<void>>();

  function reload(wanted: GatewayConfig): string[] {
    const { config: next, needRestart } = keepFixed(inUse, wanted);
    assertConfig(next);
    const old = path;
    path = requestPath(next, foundation);
    inUse = deepFreeze(next);
    const closed = old.close().finally(() => closing.delete(closed));
    closing.add(closed);
    return needRestart;
  }

  return {
    handler: (req, res) => {
      if (foundation.draining) res.setHeader("Connection", "close");
      path.listener(req, res);
    },
    get app() {
      return ownRoutes.app;
    },
    get config() {
      return inUse;
    },
    logger,
    registry,
    penalties: counts.penalties,
    trustsPeer: (address) => path.trustsPeer(address),
    connectionLimited: foundation.observer.connectionLimited,
    ready: Promise.all([counts.ready, tokenKeys.of(config.auth)?.ready()]),
    reload,
    drain: () => {
      foundation.draining = true;
    },
    close: async () => {
      await Promise.all([path.close(), ...closing]);
      foundation.close();
    },
  };
}

function firstPath(config: GatewayConfig, foundation: Foundation): ReturnType<typeof requestPath> {
  try {
    return requestPath(config, foundation);
  } catch (error) {
    foundation.close();
    throw error;
  }
}

/** What a request meets, from top to bottom. */
function requestPath(config: GatewayConfig, foundation: Foundation) {
  const { features } = config;
  const parts = makeParts(config, foundation);

  const path = compose(
    parts.mark,
    parts.clientIp,
    parts.untrustedForwarding,
    parts.requestId,
    ...parts.tracing,
    parts.accessLog,
    ...(features.metrics ? [parts.metrics] : []),
    parts.securityHeaders,
    checkHead,
    parts.cors,
    router({
      routes: {
        "/healthz": { GET: [parts.health] },
        "/livez": { GET: [parts.liveness] },
        "/readyz": { GET: [parts.readiness] },
        ...(features.metrics && { "/metrics": { GET: [parts.scrape] } }),
        "/": { GET: [...parts.limited, parts.information] },
        "/openapi.json": { GET: [...parts.limited, parts.api.description] },
        ...(parts.api.page !== undefined && { "/docs": { GET: [...parts.limited, parts.api.page] } }),
        "/v1/query": { POST: [...parts.guard("/v1/query", { scopes: ["query"] }), parts.queryInput, parts.queryProxy] },
        "/v1/chat": { POST: [...parts.guard("/v1/chat", { scopes: ["chat"] }), parts.chatInput, parts.chatProxy] },
        ...(features.fileUpload && {
          "/v1/upload": {
            POST: [...parts.guard("/v1/upload", { scopes: ["upload"] }), parts.uploadInput, parts.upload, parts.uploadProxy],
          },
        }),
        ...parts.apiAssets,
        ...parts.legacyRoutes,
        ...parts.configuredRoutes,
      },
    }),
    ...parts.limited,
    parts.ownRoutes,
    notFound(),
  );
  const { listener, ended } = countRequests(toListener(path, parts.problems));
  return { listener, trustsPeer: trustedPeers(config.server.trustedProxies), close: () => ended().then(parts.close) };
}
