/** How the values that several workers have for one series become one. prom-client's names, and `newest`. */
export type Aggregator = "sum" | "first" | "min" | "max" | "average" | "newest" | "omit";

/** A trace in which a value was seen. */
export interface Exemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

/** One line of a scrape. */
export interface MetricSample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Where it differs from the metric's, as for the buckets of a histogram. */
  readonly metricName?: string | undefined;
  readonly exemplar?: Exemplar | undefined;
  /** When the value was set, as `Date.now()`; only of gauges whose aggregator is `newest`. */
  readonly setAt?: number | undefined;
}

/** A metric with all its samples, as the registries of prom-client and its successor describe it. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator?: string | undefined;
  readonly values: readonly MetricSample[];
}

/** A text that is the same for the same name and labels, in whatever order the labels stand. */
export function seriesKey({ metricName, labels }: Pick<MetricSample, "metricName" | "labels">): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = metricName ?? "";
  for (const name of names) key += `\0${name}\0${labels[name]}`;
  return key;
}
