import { type GaugeOptions, type LabelValues, readGaugeOptions } from "./metric-options.ts";
import { registerMetric } from "./register-metric.ts";
import { makeSeriesTable } from "./series-table.ts";

/** A number per label combination that goes up and down. */
export interface BoundedGauge<L extends readonly string[]> {
  /**
   * Sets the value of a label combination.
   *
   * @param setAt when the value was found, as `Date.now()`, for the aggregator `newest`; default: now
   * @throws RangeError when `value` is not finite
   */
  set(labelValues: LabelValues<L>, value: number, setAt?: number): void;
  /**
   * Adds `by`, which may be negative, to what was set; a new combination starts at 0.
   *
   * @throws RangeError when `by` is not finite
   */
  add(labelValues: LabelValues<L>, by: number): void;
  /** Forgets all label combinations, such as those of something that is gone. */
  clear(): void;
}

/**
 * Makes a gauge that costs one look-up per change and never has more than `maxSeries` label combinations.
 *
 * @throws OptionError for an unknown or bad option, or a name that the registry has already
 */
export function createGauge<const L extends readonly string[] = readonly []>(options: GaugeOptions<L>): BoundedGauge<L> {
  const { name, help, registry, labelNames, maxSeries, aggregator, collect } = readGaugeOptions(options);
  const table = makeSeriesTable({ name, labelNames, maxSeries }, () => ({ value: 0, setAt: 0 }));
  const isTimed = aggregator === "newest";
  registerMetric({
    name,
    help,
    registry,
    type: "gauge",
    aggregator,
    samples: () => {
      collect?.();
      return table
        .all()
        .map(({ labels, cell }) => ({ value: cell.value, labels: {}, sharedLabels: labels, setAt: isTimed ? cell.setAt : undefined }));
    },
    reset: table.clear,
  });

  const finite = (value: number): number => {
    if (!Number.isFinite(value)) throw new RangeError(`${name}: a gauge takes a finite number, got ${value}`);
    return value;
  };
  return {
    set(labelValues, value, setAt = isTimed ? Date.now() : 0) {
      const cell = table.cell(labelValues);
      cell.value = finite(value);
      cell.setAt = setAt;
    },
    add(labelValues, by) {
      const cell = table.cell(labelValues);
      cell.value += finite(by);
      if (isTimed) cell.setAt = Date.now();
    },
    clear: table.clear,
  };
}
