import { type HistogramOptions, type LabelValues, readHistogramOptions } from "./metric-options.ts";
import { registerMetric, type Sample } from "./register-metric.ts";
import { makeSeriesTable, type Series } from "./series-table.ts";

/** How often values fell into each bucket, and their sum, per label combination. */
export interface BoundedHistogram<L extends readonly string[]> {
  /** @throws RangeError when `value` is not finite */
  observe(labelValues: LabelValues<L>, value: number): void;
}

interface Cell {
  /** Values per bucket, each counted once; the last place is above every bound. */
  readonly counts: number[];
  sum: number;
}

/**
 * Makes a histogram that costs one map look-up per value and never has more than `maxSeries` label combinations.
 *
 * @throws TypeError for an unknown or bad option, or a name that the registry has already
 */
export function createHistogram<const L extends readonly string[] = readonly []>(options: HistogramOptions<L>): BoundedHistogram<L> {
  const { name, help, registry, labelNames, maxSeries, buckets } = readHistogramOptions(options);
  const bounds = [...buckets];
  const table = makeSeriesTable<Cell>({ name, labelNames, maxSeries }, () => ({
    counts: Array.from({ length: bounds.length + 1 }, () => 0),
    sum: 0,
  }));
  registerMetric({ name, help, registry, type: "histogram", table, toSamples: (series) => toSamples(name, bounds, series) });

  return {
    observe(labelValues, value) {
      if (!Number.isFinite(value)) throw new RangeError(`${name}: a histogram takes a finite number, got ${value}`);
      const cell = table.cell(labelValues);
      const place = bucketOf(bounds, value);
      cell.counts[place] = (cell.counts[place] ?? 0) + 1;
      cell.sum += value;
    },
  };
}

function bucketOf(bounds: readonly number[], value: number): number {
  let place = 0;
  for (const bound of bounds) {
    if (value <= bound) return place;
    place += 1;
  }
  return place;
}

/** Buckets are cumulative on the wire: each counts all values up to its bound. */
function toSamples(name: string, bounds: readonly number[], { labels: sharedLabels, cell }: Series<Cell>): Sample[] {
  let count = 0;
  const samples = cell.counts.map((inBucket, place): Sample => {
    count += inBucket;
    return { metricName: `${name}_bucket`, labels: { le: bounds[place] ?? "+Inf" }, sharedLabels, value: count };
  });
  samples.push({ metricName: `${name}_sum`, labels: {}, sharedLabels, value: cell.sum });
  samples.push({ metricName: `${name}_count`, labels: {}, sharedLabels, value: count });
  return samples;
}
