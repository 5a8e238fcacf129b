import type { IncomingMessage } from "node:http";

import type { FailureSource } from "../failures/failure-sources.ts";
import type { Replica } from "./replica.ts";
import type { Target } from "./target.ts";

/**
 * Chooses the replica for an attempt.
 *
 * Draining and ejected replicas are skipped, and those that this request has tried already come last. If nothing else is left, an ejected replica is
 * better than none.
 */
export function chooseReplica(target: Target, req: IncomingMessage, tried: readonly Replica[], now: number): Replica {
  const { choices: replicas } = target;
  const [only] = replicas;
  if (replicas.length === 1 && only !== undefined) return only;
  const untried = tried.length === 0 ? replicas : replicas.filter((replica) => !tried.includes(replica));
  if (!replicas.some(({ ejection }) => ejection.isEjected)) return target.balance(firstNonEmpty([untried, replicas]), req);
  const source = (): FailureSource => target.sources.of(req, now);
  const usable = (from: readonly Replica[]): readonly Replica[] => from.filter(({ ejection }) => ejection.isUsable(source, now));
  const chosen = target.balance(firstNonEmpty([usable(untried), untried, usable(replicas), replicas]), req);
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
