import { bucketSamples, makeBuckets, observeIn } from "./buckets.ts";
import { type HistogramOptions, type LabelValues, readHistogramOptions } from "./metric-options.ts";
import { registerMetric } from "./register-metric.ts";
import { makeSeriesTable } from "./series-table.ts";

/** How often values fell into each bucket, and their sum, per label combination. */
export interface BoundedHistogram<L extends readonly string[]> {
  /**
   * Counts a value.
   *
   * @param traceId becomes the exemplar of the bucket, instead of the one before; 1 to 64 letters, digits, `-` or `_`
   * @throws RangeError when `value` is not finite
   */
  observe(labelValues: LabelValues<L>, value: number, traceId?: string): void;
}

/**
 * Makes a histogram that costs one look-up per value and never has more than `maxSeries` label combinations.
 *
 * @throws OptionError for an unknown or bad option, or a name that the registry has already
 */
export function createHistogram<const L extends readonly string[] = readonly []>(options: HistogramOptions<L>): BoundedHistogram<L> {
  const { name, help, registry, labelNames, maxSeries, buckets } = readHistogramOptions(options);
  const bounds = [...buckets];
  const table = makeSeriesTable({ name, labelNames, maxSeries }, () => makeBuckets(bounds));
  registerMetric({
    name,
    help,
    registry,
    type: "histogram",
    samples: () => table.all().flatMap((series) => bucketSamples(name, bounds, series)),
    reset: table.clear,
  });

  return {
    observe(labelValues, value, traceId) {
      if (!Number.isFinite(value)) throw new RangeError(`${name}: a histogram takes a finite number, got ${value}`);
      observeIn(table.cell(labelValues), bounds, value, traceId);
    },
  };
}
