import type { Origin } from "./origin.ts";

/**
 * Of two replicas picked at random the one with less to do.
 *
 * Those that are ejected are passed over, and those that this request has tried already come last: when nothing else is left,
 * even an ejected one is better than none.
 */
export function chooseOrigin(origins: readonly Origin[], now: number, tried: readonly Origin[]): Origin {
  if (origins.length === 1) return at(origins, 0);
  const fresh = tried.length === 0 ? origins : origins.filter((origin) => !tried.includes(origin));
  return lessBusyOfTwo(firstFilled([usable(fresh, now), fresh, usable(origins, now), origins]));
}

/** A replica that the request has not tried yet; with `healthyOnly` one that is not ejected either. */
export function hasUntried(origins: readonly Origin[], tried: readonly Origin[], healthyOnly: boolean): boolean {
  return origins.some((origin) => !tried.includes(origin) && !(healthyOnly && origin.health.isEjected));
}

function usable(origins: readonly Origin[], now: number): readonly Origin[] {
  const allUsable = origins.every((origin) => !origin.health.isEjected);
  return allUsable ? origins : origins.filter((origin) => origin.health.isUsable(now, origin.load));
}

function firstFilled(lists: readonly (readonly Origin[])[]): readonly Origin[] {
  return lists.find((list) => list.length > 0) ?? [];
}

function lessBusyOfTwo(origins: readonly Origin[]): Origin {
  const first = Math.floor(Math.random() * origins.length);
  const a = at(origins, first);
  if (origins.length === 1) return a;
  const b = at(origins, first + 1 + Math.floor(Math.random() * (origins.length - 1)));
  return b.load < a.load ? b : a;
}

function at(origins: readonly Origin[], index: number): Origin {
  const origin = origins[index % origins.length];
  if (origin === undefined) throw new RangeError("a target has at least one origin");
  return origin;
}
