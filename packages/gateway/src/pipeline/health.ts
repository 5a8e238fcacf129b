import { breakerChanged, type DownstreamProxy, replicaChanged } from "@aivillage/downstream-proxy";
import { type HealthCascade, healthCascade, replicaStatusChanged } from "@aivillage/health-cascade";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { Observer } from "../state/telemetry/observe.ts";

/** Asks all three for their health. None is critical: what can still be served is served. */
export function makeHealth({ services, environment, timeouts: { healthCheckSeconds } }: GatewayConfig): HealthCascade {
  return healthCascade({
    services: {
      twin: { url: services.twin },
      agent_controller: { url: services.agentController },
      knowledge_system: { url: services.knowledgeSystem },
    },
    timeoutMs: healthCheckSeconds * 1_000,
    environment,
  });
}

/**
 * Lets probes and requests know what the other has seen: an open breaker or an ejected replica makes a service unhealthy before the next
 * probe, and a probe that finds a replica well again lets the proxies try it at once.
 *
 * @returns the function that ends it
 */
export function shareHealth(health: HealthCascade, proxies: readonly DownstreamProxy[], { owns }: Observer): () => void {
  const ends = [
    breakerChanged.subscribe(({ req, target, to }) => {
      if (owns(req) && to !== "half-open") health.observe(target, to === "open" ? "down" : "up");
    }),
    replicaChanged.subscribe(({ req, target, origin, to }) => {
      if (owns(req)) health.observe(target, to === "ejected" ? "down" : "up", origin);
    }),
    replicaStatusChanged.subscribe(({ source, service, replica, to }) => {
      if (source !== health) return;
      for (const proxy of proxies) proxy.hint({ target: service, origin: replica, healthy: to === "healthy" });
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
