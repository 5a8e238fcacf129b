import type { BreakerState, ReplicaState, TargetState } from "@aivillage/downstream-proxy";
import type { HealthReport, ReplicaReport, ServiceReport } from "@aivillage/health-cascade";

import type { ServicesReport } from "../gateway.ts";

/** A replica with what probes and requests have shown of it. */
export interface ShownReplica extends Partial<ReplicaReport> {
  readonly url: string;
  readonly ejected: boolean;
  readonly failing: boolean;
  readonly draining: boolean;
  readonly requests: number;
}

/** A service with what probes and requests have shown of it, in all processes. */
export interface ShownService extends Partial<Omit<ServiceReport, "replicas">> {
  readonly breaker: BreakerState;
  readonly replicas: readonly ShownReplica[];
}

/** The health report with breakers, ejections and requests of each replica. */
export type ShownServices = Omit<HealthReport, "services"> & { readonly services: Readonly<Record<string, ShownService>> };

const openness: readonly BreakerState[] = ["closed", "half-open", "open"];

/**
 * Joins what all processes know. Probes are the same for all. Of breakers the most open one is shown, and a replica is ejected or failing if
 * it is for one of them.
 */
export function showServices(reports: readonly ServicesReport[]): ShownServices | undefined {
  const [first] = reports;
  if (first === undefined) return undefined;
  const targets = Map.groupBy(
    reports.flatMap((report) => report.targets),
    ({ target }) => target,
  );
  const names = new Set([...Object.keys(first.health.services), ...targets.keys()]);
  const services = [...names].map((name) => [name, showService(first.health.services[name], targets.get(name) ?? [])] as const);
  return { ...first.health, services: Object.fromEntries(services) };
}

function showService({ replicas: probed = [], ...report }: Partial<ServiceReport> = {}, targets: readonly TargetState[]): ShownService {
  const states = Map.groupBy(
    targets.flatMap(({ replicas }) => replicas),
    ({ origin }) => origin,
  );
  const urls = new Set([...probed.map(({ url }) => url), ...states.keys()]);
  return {
    ...report,
    breaker: openness.findLast((state) => targets.some(({ breaker }) => breaker === state)) ?? "closed",
    replicas: [...urls].map((url) =>
      Object.assign(
        {},
        probed.find((each) => each.url === url),
        joinStates(url, states.get(url) ?? []),
      ),
    ),
  };
}

function joinStates(url: string, states: readonly ReplicaState[]): ShownReplica {
  return {
    url,
    ejected: states.some(({ ejected }) => ejected),
    failing: states.some(({ failing }) => failing),
    draining: states.some(({ draining }) => draining),
    requests: states.reduce((sum, { requests }) => sum + requests, 0),
  };
}
