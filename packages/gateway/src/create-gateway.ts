import { clientIp, trustedPeers } from "@aivillage/client-ip";
import { checkHead, countRequests } from "@aivillage/http-server";
import { compose, toListener, upgradeOrigins } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";
import { getRequestId, requestId } from "@aivillage/request-id";
import { securityHeaders } from "@aivillage/security-headers";

import { assertConfig } from "./config/check-config.ts";
import type { GatewayConfig } from "./config/settings/gateway-config.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { serveEndpoints } from "./endpoints/serve-endpoints.ts";
import type { Gateway } from "./gateway.ts";
import { operate, type RequestPath } from "./operate.ts";
import { accessLines } from "./pipeline/access-lines.ts";
import { errorFormOf } from "./pipeline/ai-calls.ts";
import { corsPart, pageMayConnect } from "./pipeline/cors.ts";
import { makeGuard } from "./pipeline/guard.ts";
import { ownRoutes } from "./pipeline/own-routes.ts";
import { tracingPart, trustIncoming } from "./pipeline/tracing.ts";
import { InForce } from "./state/in-force.ts";
import { makeState, type RuntimeState } from "./state/runtime-state.ts";
import type { Steps } from "./steps.ts";

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
    requestId({ trustIncoming: trustIncoming(config), ...tracing.requestIdOptions }),
    ...(tracing.isActive ? [tracing] : []),
    lines,
    ...(config.features.metrics ? [state.metrics] : []),
    securityHeaders(),
    checkHead,
    corsPart(config, endpoints),
    upgradeOrigins(pageMayConnect(config, endpoints)),
    endpoints.routes,
    ...guard.limited,
    ownRoutes(state.own),
    notFound(),
  );
  const errors = problemDetails({ requestId: getRequestId, errorMember: errorFormOf, log: false });
  const { listener, ended } = countRequests(toListener(path, errors));

  async function close(): Promise<void> {
    endpoints.retire();
    guard.retire();
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
  return operate(startWith(config, state), state);
}

function startWith(config: GatewayConfig, state: RuntimeState): InForce<RequestPath> {
  try {
    return new InForce(config, (next) => requestPath(next, state));
  } catch (error) {
    void state.close();
    throw error;
  }
}
