import type { IncomingMessage } from "node:http";

import type { FailureSource } from "../failures/failure-sources.ts";
import type { Replica } from "./replica.ts";
import type { Target } from "./target.ts";

/**
 * Picks two replicas at random and returns the one with the lower load.
 *
 * Ejected replicas are skipped, and those that this request has tried already come last. If nothing else is left, an ejected replica is
 * better than none.
 */
export function chooseReplica(target: Target, req: IncomingMessage, tried: readonly Replica[], now: number): Replica {
  const { replicas } = target;
  if (replicas.length === 1) return at(replicas, 0);
  const untried = tried.length === 0 ? replicas : replicas.filter((replica) => !tried.includes(replica));
  if (!replicas.some(({ ejection }) => ejection.isEjected)) return lessLoadedOfTwo(firstNonEmpty([untried, replicas]));
  const source = (): FailureSource => target.sources.of(req, now);
  const usable = (from: readonly Replica[]): readonly Replica[] => from.filter(({ ejection }) => ejection.isUsable(source, now));
  const chosen = lessLoadedOfTwo(firstNonEmpty([usable(untried), untried, usable(replicas), replicas]));
  chosen.ejection.chosen(source);
  return chosen;
}

/** Whether there is a replica that the request has not tried yet. */
export function hasUntried(replicas: readonly Replica[], tried: readonly Replica[]): boolean {
  return replicas.some((replica) => !tried.includes(replica));
}

function firstNonEmpty(lists: readonly (readonly Replica[])[]): readonly Replica[] {
  return lists.find((list) => list.length > 0) ?? [];
}

function lessLoadedOfTwo(replicas: readonly Replica[]): Replica {
  const first = Math.floor(Math.random() * replicas.length);
  const a = at(replicas, first);
  if (replicas.length === 1) return a;
  const b = at(replicas, first + 1 + Math.floor(Math.random() * (replicas.length - 1)));
  return b.load < a.load ? b : a;
}

function at(replicas: readonly Replica[], index: number): Replica {
  const replica = replicas[index % replicas.length];
  if (replica === undefined) throw new RangeError("a target has at least one replica");
  return replica;
}
