import type { DownstreamProxy } from "@aivillage/downstream-proxy";

/** What is asked for the state of breakers. */
export type Proxies = readonly Pick<DownstreamProxy, "state">[];

const openness = { closed: 0, "half-open": 0.5, open: 1 } as const;

/** How open the breaker of each service is: of several proxies to one service, the one that is open the most counts. */
export function breakerStates(proxies: Proxies): Map<string, number> {
  const services = new Map<string, number>();
  for (const { target, breaker } of proxies.flatMap((proxy) => proxy.state())) {
    services.set(target, Math.max(services.get(target) ?? 0, openness[breaker]));
  }
  return services;
}
