import type { BreakerState } from "../failures/breaker.ts";
import type { Replica } from "./replica.ts";
import type { Target } from "./target.ts";

/** What the proxy knows about one replica from the requests that it has sent there. */
export interface ReplicaState {
  /** Internal: for logs, not for clients. */
  readonly origin: string;
  /** It receives no requests, or only a few that try it. */
  readonly ejected: boolean;
  /** Its last request failed, or it was reported unhealthy. */
  readonly failing: boolean;
  /** It was taken out of choice by `drainReplica()`. */
  readonly draining: boolean;
  /** Requests that have a connection to it or wait for one. */
  readonly requests: number;
}

/** What the proxy knows about one target. */
export interface TargetState {
  readonly target: string;
  readonly breaker: BreakerState;
  readonly replicas: readonly ReplicaState[];
}

/** What another component, such as a health check, has found out about a target. */
export interface ReportedHealth {
  /** Its name. Unknown names are ignored. */
  target: string;
  /** Scheme, host and port of one replica. Default: all of them. */
  origin?: string | undefined;
  healthy: boolean;
}

export function stateOf({ name, breaker, replicas }: Target): TargetState {
  return { target: name, breaker: breaker.state, replicas: replicas.map(stateOfReplica) };
}

function stateOfReplica({ url, ejection, draining, load }: Replica): ReplicaState {
  return { origin: url, ejected: ejection.isEjected, failing: ejection.isFailing, draining, requests: load };
}

/**
 * Takes a report about a target. After an unhealthy one only later requests count, and the next failed connection ejects the replica. A
 * healthy one withdraws that, and the next request may try an ejected replica or an open target. No report lowers the number of clients
 * that must fail.
 */
export function reportHealth(targets: readonly Target[], { target: name, origin, healthy }: ReportedHealth): void {
  const target = targets.find((each) => each.name === name);
  if (target === undefined) return;
  const reported = target.replicas.filter(({ url }) => origin === undefined || url === origin);
  for (const { ejection } of reported) {
    if (healthy) ejection.trust();
    else ejection.suspect();
  }
  if (healthy && reported.length > 0) target.breaker.endWait();
  if (!healthy && reported.length === target.replicas.length) target.breaker.suspect();
}
