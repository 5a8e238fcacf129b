import { modulo, Zone } from "./zone.ts";

/** How long a budget lasts: a calendar period of its time zone, or spans of a fixed length that are counted from 1970-01-01T00:00:00Z. */
export type Period = "hour" | "day" | "month" | { readonly ms: number };

/** One period, from its first instant to that of the next one, in milliseconds since 1970. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

const hourMs = 3_600_000;

/**
 * Makes the function that finds the period at an instant. Periods follow each other without gap or overlap, whatever the clocks of the zone
 * do: a day has 23 or 25 hours where they change, and a day that a zone skips is empty.
 *
 * @throws RangeError for an unknown time zone
 */
export function periods(period: Period, timeZone: string): (instantMs: number) => Span {
  const find = finder(period, timeZone);
  let last: Span = { startMs: 0, endMs: 0 };
  return (instantMs) => {
    if (instantMs < last.startMs || instantMs >= last.endMs) last = find(instantMs);
    return last;
  };
}

function finder(period: Period, timeZone: string): (instantMs: number) => Span {
  const zone = new Zone(timeZone);
  if (typeof period === "object") return (at) => fixed(at, period.ms);
  if (period === "hour") return (at) => hour(at, zone);
  const firstWall = period === "day" ? startOfDay : startOfMonth;
  return (at) => calendar(at, zone, firstWall);
}

function fixed(instantMs: number, ms: number): Span {
  const startMs = instantMs - modulo(instantMs, ms);
  return { startMs, endMs: startMs + ms };
}

/** A whole hour of the clock, which ends early where the clock is changed in the middle of it. */
function hour(instantMs: number, zone: Zone): Span {
  const offset = zone.offsetMs(instantMs);
  const startMs = instantMs - modulo(instantMs + offset, hourMs);
  const endMs = startMs + hourMs;
  const changesBefore = zone.offsetMs(startMs) !== offset;
  const changesAfter = zone.offsetMs(endMs - 1) !== offset;
  return {
    startMs: changesBefore ? zone.changeBetween(startMs, instantMs) : startMs,
    endMs: changesAfter ? zone.changeBetween(instantMs, endMs - 1) : endMs,
  };
}

/** The first moment of the period `further` periods later, as the clock shows it. */
type FirstWall = (wallMs: number, further: number) => number;

const startOfDay: FirstWall = (wallMs, further) => {
  const date = new Date(wallMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + further);
};
const startOfMonth: FirstWall = (wallMs, further) => {
  const date = new Date(wallMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + further);
};

function calendar(instantMs: number, zone: Zone, firstWall: FirstWall): Span {
  const wallMs = zone.wallMs(instantMs);
  let further = 0;
  let startMs = zone.firstInstantAt(firstWall(wallMs, 0));
  for (;;) {
    further += 1;
    const endMs = zone.firstInstantAt(firstWall(wallMs, further));
    // A clock that is put back over midnight shows the day before once more: the new day goes on.
    if (endMs > instantMs) return { startMs, endMs };
    startMs = endMs;
  }
}
