import type { IncomingMessage } from "node:http";

import type { FailureSource } from "../failures/failure-sources.ts";
import type { Origin } from "./replica.ts";
import type { Route } from "./target.ts";

/**
 * Of two replicas picked at random the one with less to do.
 *
 * Those that are ejected are passed over, and those that this request has tried already come last: when nothing else is left,
 * even an ejected one is better than none.
 */
export function chooseOrigin(route: Route, req: IncomingMessage, tried: readonly Origin[], now: number): Origin {
  const { origins } = route;
  if (origins.length === 1) return at(origins, 0);
  const fresh = tried.length === 0 ? origins : origins.filter((origin) => !tried.includes(origin));
  if (!origins.some(({ health }) => health.isEjected)) return lessBusyOfTwo(firstFilled([fresh, origins]));
  const source = (): FailureSource => route.sources.of(req, now);
  const usable = (from: readonly Origin[]): readonly Origin[] => from.filter(({ health }) => health.isUsable(source, now));
  const chosen = lessBusyOfTwo(firstFilled([usable(fresh), fresh, usable(origins), origins]));
  chosen.health.chosen(source);
  return chosen;
}

/** Whether there is a replica that the request has not tried yet. */
export function hasUntried(origins: readonly Origin[], tried: readonly Origin[]): boolean {
  return origins.some((origin) => !tried.includes(origin));
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
