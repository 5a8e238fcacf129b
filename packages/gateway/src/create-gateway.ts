import type { RequestListener } from "node:http";

import { clientIp, trustedPeers } from "@aivillage/client-ip";
import { checkHead, countRequests } from "@aivillage/http-server";
import { compose, toListener, upgradeListener } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";
import { getRequestId, requestId } from "@aivillage/request-id";
import { securityHeaders } from "@aivillage/security-headers";

import { assertConfig } from "./config/check-config.ts";
import type { GatewayConfig } from "./config/settings/gateway-config.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { type ServedEndpoints, serveEndpoints } from "./endpoints/serve-endpoints.ts";
import type { Gateway } from "./gateway.ts";
import { accessLines } from "./pipeline/access-lines.ts";
import { errorFormOf } from "./pipeline/ai-calls.ts";
import { corsPart } from "./pipeline/cors.ts";
import { makeGuard } from "./pipeline/guard.ts";
import { ownRoutes } from "./pipeline/own-routes.ts";
import { tracingPart, trustIncoming } from "./pipeline/tracing.ts";
import { untrustedForwardingPart } from "./pipeline/untrusted-forwarding.ts";
import { upgradeOrigins } from "./pipeline/upgrade-origins.ts";
import { InForce } from "./state/in-force.ts";
import { levelOf, setLevelOf } from "./state/log-level.ts";
import { RecentReloads } from "./state/recent-reloads.ts";
import { makeState, type RuntimeState } from "./state/runtime-state.ts";
import type { Steps } from "./steps.ts";

/** The handlers of one configuration. */
interface RequestPath {
  readonly listener: RequestListener;
  readonly trustsPeer: (address: string | undefined) => boolean;
  readonly endpoints: Pick<ServedEndpoints, "services" | "setDraining" | "budgets">;
  close(): Promise<void>;
}

/** What a request meets, from top to bottom. */
function* requestPath(config: GatewayConfig, state: RuntimeState): Steps<RequestPath> {
  const guard = makeGuard(config, state);
  const endpoints = yield* serveEndpoints(config, state, guard);
  const tracing = tracingPart(config, state.logger);
  const lines = accessLines(config, state.logger);
  state.webhook.use(config);

  const path = compose(
    state.observer.mark,
    clientIp({ trustedProxies: config.server.trustedProxies }),
    untrustedForwardingPart(state.logger),
    requestId({ trustIncoming: trustIncoming(config), ...tracing.requestIdOptions }),
    ...(tracing.isActive ? [tracing] : []),
    lines,
    ...(config.features.metrics ? [state.metrics] : []),
    securityHeaders(),
    checkHead,
    corsPart(config, endpoints),
    upgradeOrigins(config, endpoints),
    endpoints.routes,
    ...guard.limited,
    ownRoutes(state.own),
    notFound(),
  );
  const errors = problemDetails({ requestId: getRequestId, errorMember: errorFormOf, log: false });
  const { listener, ended } = countRequests(toListener(path, errors));

  async function close(): Promise<void> {
    endpoints.retire();
    await ended();
    guard.close();
    lines.close();
    await endpoints.close();
    await tracing.close();
  }
  return { listener, trustsPeer: trustedPeers(config.server.trustedProxies), endpoints, close };
}

/**
 * Composes the packages into a gateway.
 *
 * @throws ConfigError with every problem, as `loadConfig()` does
 */
export function createGateway(config: GatewayConfig, dependencies: GatewayDependencies = {}): Gateway {
  assertConfig(config);
  const state = makeState(config, dependencies);
  const inForce = startWith(config, state);
  const reloads = new RecentReloads();

  function setDraining(replica: string, isDraining: boolean): boolean {
    const isKnown = inForce.made.endpoints.setDraining(replica, isDraining);
    if (!isDraining) state.drainingReplicas.delete(replica);
    else if (isKnown) state.drainingReplicas.add(replica);
    return isKnown;
  }

  const handler: RequestListener = (req, res) => {
    if (state.draining) res.setHeader("Connection", "close");
    inForce.made.listener(req, res);
  };

  return {
    handler,
    upgrade: upgradeListener(handler),
    get app() {
      return state.own.app;
    },
    get config() {
      return inForce.config;
    },
    logger: state.logger,
    registry: state.registry,
    penalties: state.counts.penalties,
    trustsPeer: (address) => inForce.made.trustsPeer(address),
    connectionLimited: state.observer.connectionLimited,
    reloaded: (result) => {
      reloads.add(result);
      state.observer.reloaded(result.outcome);
    },
    get reloads() {
      return reloads.all;
    },
    get logLevel() {
      return levelOf(state.logger);
    },
    setLogLevel: (level) => {
      if (!setLevelOf(state.logger, level)) return false;
      state.observer.logDecisions(level === "debug");
      return true;
    },
    services: () => inForce.made.endpoints.services(),
    budgets: {
      list: (filter) => inForce.made.endpoints.budgets.list(filter),
      grant: (budget, key, amount) => inForce.made.endpoints.budgets.grant(budget, key, amount),
      reset: (budget, key) => inForce.made.endpoints.budgets.reset(budget, key),
    },
    slots: () => state.slots.counts(),
    owns: state.observer.owns,
    drainReplica: (replica) => setDraining(replica, true),
    resumeReplica: (replica) => setDraining(replica, false),
    ready: Promise.all([state.counts.ready, state.budgets.ready(), state.tokenKeys.of(config.auth)?.ready()]),
    reload: (wanted) => inForce.replace(wanted),
    reloadInTurns: (wanted) => inForce.replaceInTurns(wanted),
    startProbes: () => state.observer.startProbes(),
    drain: () => {
      state.draining = true;
    },
    close: async () => {
      await inForce.close();
      await state.close();
    },
  };
}

function startWith(config: GatewayConfig, state: RuntimeState): InForce<RequestPath> {
  try {
    return new InForce(config, (next) => requestPath(next, state));
  } catch (error) {
    void state.close();
    throw error;
  }
}
