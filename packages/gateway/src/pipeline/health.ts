import { breakerChanged, type DownstreamProxy, replicaChanged } from "@aivillage/downstream-proxy";
import { type HealthCascade, healthCascade, replicaStatusChanged } from "@aivillage/health-cascade";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { Observer } from "../state/telemetry/observe.ts";

/** Asks all three for their health. None is critical: what can still be served is served. */
export function makeHealth({ services, environment, timeouts: { healthCheckSeconds } }: GatewayConfig): HealthCascade {
  return healthCascade({
    services: {
      twin: { url: services.twin },
      agent_controller: { url: services.agentController },
      knowledge_system: { url: services.knowledgeSystem },
    },
    probe: "request",
    timeoutMs: healthCheckSeconds * 1_000,
    environment,
  });
}

/**
 * Shares health between probes and requests. An open breaker or an ejected replica makes a service unhealthy before the next probe, and
 * when a probe finds a replica healthy again, the proxies may try it at once.
 *
 * @returns the function that ends it
 */
export function shareHealth(health: HealthCascade, proxies: readonly DownstreamProxy[], { owns }: Observer): () => void {
  const ends = [
    breakerChanged.subscribe(({ req, target, to }) => {
      if (owns(req) && to !== "half-open") health.reportHealth({ service: target, healthy: to === "closed" });
    }),
    replicaChanged.subscribe(({ req, target, origin, to }) => {
      if (owns(req)) health.reportHealth({ service: target, replica: origin, healthy: to === "returned" });
    }),
    replicaStatusChanged.subscribe(({ source, service, replica, to }) => {
      if (source !== health) return;
      for (const proxy of proxies) proxy.reportHealth({ target: service, origin: replica, healthy: to === "healthy" });
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
