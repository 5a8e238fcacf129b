import type { Exemplar } from "./family.ts";
import type { Sample } from "./register-metric.ts";
import type { Series } from "./series-table.ts";

/** The latest trace in which a value fell into a bucket. */
interface SeenTrace {
  traceId: string;
  value: number;
  /** Unix time in milliseconds. */
  at: number;
}

/** The values of one label combination, by bucket. */
export interface Buckets {
  /** Values per bucket, each counted once; the last place is above every bound. */
  readonly counts: number[];
  sum: number;
  /** By bucket; made with the first one. */
  traces: Map<number, SeenTrace> | undefined;
}

export function makeBuckets(bounds: readonly number[]): Buckets {
  return { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0, traces: undefined };
}

/** What a trace id may look like: OpenMetrics allows 128 characters for the labels of an exemplar, their names included. */
const traceIdForm = /^[\w-]{1,64}$/;
const maxTraceIdLength = 64;

/** Counts a value. */
export function observeIn(buckets: Buckets, bounds: readonly number[], value: number, traceId: string | undefined): void {
  const place = placeOf(bounds, value);
  buckets.counts[place] = (buckets.counts[place] ?? 0) + 1;
  buckets.sum += value;
  if (traceId !== undefined && traceId.length <= maxTraceIdLength) keepTrace(buckets, place, traceId, value);
}

function keepTrace(buckets: Buckets, place: number, traceId: string, value: number): void {
  buckets.traces ??= new Map();
  const seen = buckets.traces.get(place);
  if (seen === undefined) {
    buckets.traces.set(place, { traceId, value, at: Date.now() });
    return;
  }
  seen.traceId = traceId;
  seen.value = value;
  seen.at = Date.now();
}

/** A trace id of another form than letters, digits, `-` and `_` is left out. */
function exemplarOf(seen: SeenTrace | undefined): Exemplar | undefined {
  if (seen === undefined || !traceIdForm.test(seen.traceId)) return undefined;
  return { labelSet: { trace_id: seen.traceId }, value: seen.value, timestamp: seen.at / 1_000 };
}

function placeOf(bounds: readonly number[], value: number): number {
  let place = 0;
  for (const bound of bounds) {
    if (value <= bound) return place;
    place += 1;
  }
  return place;
}

export function countOf({ counts }: Buckets): number {
  let count = 0;
  for (const inBucket of counts) count += inBucket;
  return count;
}

/** Buckets are cumulative on the wire: each counts all values up to its bound. */
export function bucketSamples(name: string, bounds: readonly number[], { labels: sharedLabels, cell }: Series<Buckets>): Sample[] {
  let count = 0;
  const samples = cell.counts.map((inBucket, place): Sample => {
    count += inBucket;
    const labels = { le: bounds[place] ?? "+Inf" };
    return { metricName: `${name}_bucket`, labels, sharedLabels, value: count, exemplar: exemplarOf(cell.traces?.get(place)) };
  });
  samples.push({ metricName: `${name}_sum`, labels: {}, sharedLabels, value: cell.sum });
  samples.push({ metricName: `${name}_count`, labels: {}, sharedLabels, value: count });
  return samples;
}
