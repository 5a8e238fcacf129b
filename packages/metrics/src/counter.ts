import { type LabelValues, type MetricOptions, readMetricOptions } from "./metric-options.ts";
import { registerMetric } from "./register-metric.ts";
import { makeSeriesTable } from "./series-table.ts";

/** A number per label combination that only grows. */
export interface BoundedCounter<L extends readonly string[]> {
  /**
   * Adds `by` (default 1).
   *
   * @throws RangeError when `by` is negative or not finite
   */
  inc(labelValues: LabelValues<L>, by?: number): void;
}

/**
 * Makes a counter that costs one look-up per increase and never has more than `maxSeries` label combinations.
 *
 * @throws OptionError for an unknown or bad option, or a name that the registry has already
 */
export function createCounter<const L extends readonly string[] = readonly []>(options: MetricOptions<L>): BoundedCounter<L> {
  const { name, help, registry, labelNames, maxSeries } = readMetricOptions(options);
  const table = makeSeriesTable({ name, labelNames, maxSeries }, () => ({ value: 0 }));
  registerMetric({
    name,
    help,
    registry,
    type: "counter",
    samples: () => table.all().map(({ labels, cell }) => ({ value: cell.value, labels: {}, sharedLabels: labels })),
    reset: table.clear,
  });

  return {
    inc(labelValues, by = 1) {
      if (!(by >= 0 && by < Infinity)) throw new RangeError(`${name}: a counter grows by a finite number of at least 0, got ${by}`);
      table.cell(labelValues).value += by;
    },
  };
}
