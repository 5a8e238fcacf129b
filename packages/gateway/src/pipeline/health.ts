import { breakerChanged, type DownstreamProxy, replicaChanged } from "@aivillage/downstream-proxy";
import { type HealthCascade, healthCascade, replicaStatusChanged, type ServiceOptions } from "@aivillage/health-cascade";
import { defined } from "@aivillage/middleware";

import { readTargetTls } from "../config/loader/target-files.ts";
import { outboundProxyOf } from "../config/options/target-options.ts";
import { type ServiceName, urlsOf } from "../config/settings/built-in-services.ts";
import { optionalMs } from "../config/settings/durations.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { HealthConfig } from "../config/settings/health-config.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import { routeName } from "../config/settings/route-name.ts";
import { type TargetConfig, targetOf } from "../config/settings/target-config.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import type { Observer } from "../state/telemetry/observe.ts";

/**
 * The health of all services. None is critical unless the configuration says so: what can still be served is served.
 *
 * @param probe who sends the probes in the background
 */
export function makeHealth(config: GatewayConfig, probe: NonNullable<GatewayDependencies["probe"]>): HealthCascade {
  const { environment, timeouts, health } = config;
  return healthCascade({
    services: { ...builtInServiceOptions(config), ...routeServiceOptions(config) },
    ...(health.intervalSeconds === 0 ? { probe: "request" } : { probe, intervalMs: health.intervalSeconds * 1_000 }),
    timeoutMs: timeouts.healthCheckSeconds * 1_000,
    environment,
  });
}

function builtInServiceOptions({ services, features, health, targets }: GatewayConfig): Record<string, ServiceOptions> {
  const settings = new Map<string, HealthConfig>(health.services.map((entry) => [entry.name, entry]));
  const optionsOf = (name: ServiceName): ServiceOptions => {
    const url = urlsOf(services, name);
    return { url, ...connectionOptions(url, targetOf(targets, name)), ...probeOptions(settings.get(name)) };
  };
  return {
    twin: optionsOf("twin"),
    // Nothing is sent to it then.
    agent_controller: { ...optionsOf("agent_controller"), ...(!features.agentProxy && { disabled: true }) },
    knowledge_system: optionsOf("knowledge_system"),
  };
}

/** A route that says nothing of health may have a service without a health path: it is up when it responds, if only with a 404. */
const responds = { expectedStatus: ["2xx", "3xx", "4xx"] } as const;

function routeServiceOptions({ routes }: GatewayConfig): Record<string, ServiceOptions> {
  const entries = routes.flatMap((route: RouteConfig): [string, ServiceOptions][] => {
    const { upstream, health, target } = route;
    if (upstream === undefined) return [];
    return [
      [
        routeName(route),
        { url: upstream, ...connectionOptions(upstream, target), ...(health?.path === undefined && responds), ...probeOptions(health) },
      ],
    ];
  });
  return Object.fromEntries(entries);
}

/** Probes speak TLS and HTTP/2 and go through an outbound proxy as the requests do. */
function connectionOptions(
  urls: readonly string[],
  { tls, http2, outboundProxy }: TargetConfig = {},
): Pick<ServiceOptions, "tls" | "http2" | "outboundProxy"> {
  return defined({ tls: tls === undefined ? undefined : readTargetTls(tls), http2, outboundProxy: outboundProxyOf(urls, outboundProxy) });
}

function probeOptions(health: HealthConfig = {}): Omit<ServiceOptions, "url"> {
  const { path, expectedStatus, intervalSeconds, timeoutSeconds, critical, disabled } = health;
  const [intervalMs, timeoutMs] = [optionalMs(intervalSeconds), optionalMs(timeoutSeconds)];
  return defined({ path, expectedStatus, intervalMs, timeoutMs, critical, disabled });
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
