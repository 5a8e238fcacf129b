import { Breaker } from "./breaker.ts";
import { Origin } from "./origin.ts";
import type { Settings } from "./read-options.ts";

/** A target at work: its origins and its breaker. */
export interface Route {
  readonly name: string;
  readonly path: string | undefined;
  readonly origins: readonly Origin[];
  readonly breaker: Breaker;
}

export function makeRoutes(settings: Settings): readonly Route[] {
  return settings.targets.map(({ name, path, replicas }) => ({
    name,
    path,
    origins: replicas.map((replica) => new Origin(replica, settings)),
    breaker: new Breaker(settings.breaker),
  }));
}

/** Of two replicas picked at random the one with less to do, those passed over that lately refused a connection. */
export function chooseOrigin(origins: readonly Origin[], now: number): Origin {
  const usable = origins.length === 1 ? origins : usableOf(origins, now);
  const first = Math.floor(Math.random() * usable.length);
  const a = originAt(usable, first);
  if (usable.length === 1) return a;
  const b = originAt(usable, first + 1 + Math.floor(Math.random() * (usable.length - 1)));
  return b.load < a.load ? b : a;
}

function usableOf(origins: readonly Origin[], now: number): readonly Origin[] {
  const usable = origins.filter((origin) => !origin.isEjected(now));
  return usable.length > 0 ? usable : origins;
}

function originAt(origins: readonly Origin[], index: number): Origin {
  const origin = origins[index % origins.length];
  if (origin === undefined) throw new RangeError("a target has at least one origin");
  return origin;
}
