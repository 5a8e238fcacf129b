import { quantile } from "../series/buckets.ts";
import { RollingGroup } from "../series/rolling-group.ts";
import { type Moment, momentOf, Rolling, slotCount, slotMs } from "../series/rolling.ts";
import { type RequestRows, routeRow } from "./read-requests.ts";

/** Most routes whose history is kept. */
const maxRoutes = 200;
/** Most routes that are shown, the busiest first. */
const shownRoutes = 50;
/** The newest slots that a rate is taken from: two whole ones and the one that is under way. */
const rateSlots = 3;

/** A point of the charts: time, requests per second by how they ended, and latencies in milliseconds. */
export type Point = readonly [
  atMs: number,
  done: number,
  refused: number,
  failed: number,
  p50: number | null,
  p95: number | null,
  p99: number | null,
];

/** A route over the window. */
export interface RouteView {
  readonly method: string;
  readonly route: string;
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly refused: number;
  readonly failed: number;
  readonly left: number;
}

/** The requests of all routes over the last 15 minutes. */
export class Traffic {
  #routes: RollingGroup | undefined;
  #total: Rolling | undefined;
  #boundsMs: readonly number[] = [];
  #moment = momentOf(0, 0);
  #hasBegun = false;

  /** What was counted before the first reading is not of this window. */
  take(requests: RequestRows, moment: Moment): void {
    this.#moment = moment;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    // Without any request the histogram has no series, and so no bounds.
    if (requests.boundsMs.length === 0) return;
    const { slot } = moment;
    const width = routeRow.buckets + requests.boundsMs.length + 1;
    this.#routes ??= new RollingGroup(width, maxRoutes);
    this.#total ??= new Rolling(width, slot);
    this.#boundsMs = requests.boundsMs;
    this.#total.advance(slot);
    this.#routes.advance(slot);
    for (const delta of this.#routes.take("", requests.rows, isFirst)) this.#total.add(delta);
  }

  /** The points of the newest slots, the oldest first; `slotCount` for all. */
  points(slots: number): Point[] {
    const { slot } = this.#moment;
    return Array.from({ length: Math.min(slots, slotCount) }, (_each, index) => this.#point(slot - slots + 1 + index));
  }

  #point(slot: number): Point {
    const row = this.#total?.slot(slot) ?? new Float32Array(0);
    const seconds = (slot === this.#moment.slot ? this.#moment.elapsedMs : slotMs) / 1_000;
    const rate = (index: number): number => round((row[index] ?? 0) / seconds);
    const [p50, p95, p99] = quantiles(row.subarray(routeRow.buckets), this.#boundsMs);
    return [slot * slotMs, round(rate(routeRow.done) + rate(routeRow.left)), rate(routeRow.refused), rate(routeRow.failed), p50, p95, p99];
  }

  routes(): RouteView[] | undefined {
    if (this.#routes === undefined) return undefined;
    const views = this.#routes.entries().map(([key, window]) => this.#view(key, window));
    return views.sort((one, other) => other.requests - one.requests).slice(0, shownRoutes);
  }

  #view(key: string, window: Rolling): RouteView {
    const { total } = window;
    const [p50, p95, p99] = quantiles(total.subarray(routeRow.buckets), this.#boundsMs);
    const space = key.indexOf(" ");
    const recent = [0, 1, 2, 3].reduce((sum, index) => sum + window.recent(index, rateSlots), 0);
    const count = (index: number): number => total[index] ?? 0;
    return {
      method: key.slice(0, space),
      route: key.slice(space + 1),
      requests: count(routeRow.done) + count(routeRow.refused) + count(routeRow.failed) + count(routeRow.left),
      perSecond: perSecond(recent, this.#moment),
      p50,
      p95,
      p99,
      refused: count(routeRow.refused),
      failed: count(routeRow.failed),
      left: count(routeRow.left),
    };
  }
}

/** A rate over the newest slots, of which the last one has only begun. */
export function perSecond(recent: number, { elapsedMs }: Moment): number {
  return round((recent * 1_000) / ((rateSlots - 1) * slotMs + elapsedMs));
}

function quantiles(counts: ArrayLike<number>, boundsMs: readonly number[]): [number | null, number | null, number | null] {
  const at = (share: number): number | null => {
    const value = quantile(share, counts, boundsMs);
    return value === undefined ? null : round(value);
  };
  return [at(0.5), at(0.95), at(0.99)];
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
