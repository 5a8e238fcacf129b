import type { MetricFamily, MetricSample } from "../family.ts";
import { seriesKey } from "../family.ts";
import { overflowLabel } from "../series-table.ts";
import { isCount, sumFamilies } from "./sum-families.ts";

/** What workers that are no more have counted. Their gauges are gone with them. */
export class DepartedCounts {
  readonly #maxSeries: number;
  readonly #combinations = new Map<string, Set<string>>();
  #families: MetricFamily[] = [];

  /** @param maxSeries label combinations per metric; further ones are added up under `_OVERFLOW` */
  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries;
  }

  get families(): readonly MetricFamily[] {
    return this.#families;
  }

  add(families: readonly MetricFamily[]): void {
    const counts = countsOf(families).map((family) => this.#withinBounds(family));
    this.#families = sumFamilies([this.#families, counts]);
  }

  #withinBounds({ name, help, type, aggregator, values }: MetricFamily): MetricFamily {
    const known = this.#combinations.get(name) ?? new Set();
    this.#combinations.set(name, known);
    return { name, help, type, aggregator, values: values.map((sample) => this.#withPlace(sample, known)) };
  }

  #withPlace(sample: MetricSample, known: Set<string>): MetricSample {
    const { le, ...labels } = sample.labels;
    const key = seriesKey({ labels, metricName: undefined });
    if (!known.has(key) && known.size >= this.#maxSeries - 1) {
      const overflow = Object.fromEntries(Object.keys(labels).map((name) => [name, overflowLabel]));
      return { ...sample, labels: { ...(le !== undefined && { le }), ...overflow } };
    }
    known.add(key);
    return sample;
  }
}

/** Counters and histograms: what stays true of a worker when it is gone. */
export function countsOf(families: readonly MetricFamily[]): MetricFamily[] {
  return families.filter((family) => isCount(family) && family.aggregator !== "omit");
}
