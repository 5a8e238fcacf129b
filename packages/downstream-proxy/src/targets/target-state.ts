import type { BreakerState } from "../failures/breaker.ts";
import type { Origin } from "./replica.ts";
import type { Route } from "./target.ts";

/** What the proxy knows of one replica from the requests that it has sent there. */
export interface ReplicaState {
  /** Internal: for logs, not for clients. */
  readonly origin: string;
  /** Passed over, or tried with one request at a time. */
  readonly ejected: boolean;
  /** Its last request failed, or it is suspected of failing. */
  readonly failing: boolean;
  /** Requests that have a connection to it or wait for one. */
  readonly requests: number;
}

/** What the proxy knows of one target. */
export interface TargetState {
  readonly target: string;
  readonly breaker: BreakerState;
  readonly replicas: readonly ReplicaState[];
}

/** What somebody else has found out about a target, such as a health check. */
export interface HealthHint {
  /** Its name; one that the proxy does not have is ignored. */
  target: string;
  /** The replica that is meant. Default: all of them. */
  origin?: string | undefined;
  healthy: boolean;
}

export function stateOf({ name, breaker, origins }: Route): TargetState {
  return { target: name, breaker: breaker.state, replicas: origins.map(stateOfReplica) };
}

function stateOfReplica(origin: Origin): ReplicaState {
  const { url, health, load } = origin;
  return { origin: url, ejected: health.isEjected, failing: health.isFailing, requests: load };
}

/**
 * Takes a hint for what it is. After a bad one only what requests find out from now on counts, and the next connection that fails ejects
 * the replica; a good one takes that back, and the next request may try what is passed over. No hint lowers the number of clients that must fail.
 */
export function takeHint(routes: readonly Route[], { target, origin, healthy }: HealthHint): void {
  const route = routes.find(({ name }) => name === target);
  const meant = route?.origins.filter(({ url }) => origin === undefined || url === origin) ?? [];
  for (const { health } of meant) {
    if (healthy) health.trust();
    else health.suspect();
  }
  if (healthy && meant.length > 0) route?.breaker.endWait();
  if (!healthy && meant.length === route?.origins.length) route.breaker.suspect();
}
