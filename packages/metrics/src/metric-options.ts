import { option, optionError, readOptions } from "@aivillage/middleware";

import type { Aggregator } from "./family.ts";
import { type MetricsRegistry, registryRule } from "./registry.ts";

/** One string for each label name, in the same order. */
export type LabelValues<L extends readonly string[]> = { readonly [I in keyof L]: string };

/** Options of `createCounter()`. */
export interface MetricOptions<L extends readonly string[] = readonly string[]> {
  /** Name of the metric, such as `gateway_retries_total`. Required. */
  name: string;
  /** One sentence for the `# HELP` line. Required. */
  help: string;
  /** Names of the labels, in the order in which values are given. Default `[]`. */
  labelNames?: L;
  /** Where the metric is registered. Default: prom-client's own default registry. */
  registry?: MetricsRegistry;
  /**
   * Largest number of label combinations. The last place belongs to the combination whose labels are all `_OVERFLOW`, which
   * takes everything that finds no other. Default 1000.
   */
  maxSeries?: number;
}

/** Options of `createGauge()`. */
export interface GaugeOptions<L extends readonly string[] = readonly string[]> extends MetricOptions<L> {
  /**
   * How the values of several workers become one. `newest` takes the value that was set last, and of several set at the same time the
   * lowest. `omit` leaves the gauge out of what all workers show. Default `sum`.
   */
  aggregator?: "sum" | "first" | "min" | "max" | "average" | "newest" | "omit";
  /** Runs before each scrape, to set what is only known by asking; what it throws fails the scrape. Default: nothing runs. */
  collect?: () => void;
}

/** Options of `createHistogram()`. */
export interface HistogramOptions<L extends readonly string[] = readonly string[]> extends MetricOptions<L> {
  /** Upper bounds, inclusive and ascending, in the unit of the metric; `+Inf` is added. Default: 5 ms to 30 s, in seconds. */
  buckets?: readonly number[];
}

/** Latency of a service in seconds; 0.1 and 2 are the bounds that service levels are usually set at. */
const latencyBuckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

export const packageName = "@aivillage/metrics";

export const maxSeriesRule = option.integer(1_000, { min: 2, max: 1_000_000 });

export const bucketsRule = option.custom<readonly number[]>("a list of 1 to 100 ascending finite numbers", latencyBuckets, isBuckets);

const metricRules = {
  name: option.custom<string>("a metric name of letters, digits, `_` and `:`", "", (value) => isName(value, /^[a-zA-Z_:][a-zA-Z0-9_:]*$/)),
  help: option.string(""),
  labelNames: option.custom<readonly string[]>("a list of different label names of letters, digits and `_`", [], isLabelNames),
  registry: registryRule,
  maxSeries: maxSeriesRule,
};

export function readMetricOptions(given: MetricOptions) {
  return complete(readOptions<MetricOptions, typeof metricRules>(packageName, given, metricRules));
}

export function readGaugeOptions(given: GaugeOptions) {
  const rules = {
    ...metricRules,
    aggregator: option.oneOf<Aggregator>(["sum", "first", "min", "max", "average", "newest", "omit"], "sum"),
    collect: option.function<() => void>(undefined),
  };
  return complete(readOptions<GaugeOptions, typeof rules>(packageName, given, rules));
}

export function readHistogramOptions(given: HistogramOptions) {
  const rules = { ...metricRules, buckets: bucketsRule };
  const options = complete(readOptions<HistogramOptions, typeof rules>(packageName, given, rules));
  if (options.labelNames.includes("le"))
    throw optionError(packageName, "labelNames", "without `le`, the label of buckets", options.labelNames);
  return options;
}

/** `name` and `help` have no default; an empty one stands for one that was not given. */
function complete<T extends { name: string; help: string }>(options: T): T {
  if (options.name === "") throw optionError(packageName, "name", metricRules.name.expected, undefined);
  if (options.help === "") throw optionError(packageName, "help", metricRules.help.expected, undefined);
  return options;
}

function isName(value: unknown, form: RegExp): boolean {
  return typeof value === "string" && form.test(value);
}

function isLabelNames(value: unknown): boolean {
  if (!Array.isArray(value) || new Set(value).size !== value.length) return false;
  return value.every((name) => isName(name, /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/));
}

function isBuckets(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > 100) return false;
  return value.every((bound, position) => Number.isFinite(bound) && (position === 0 || bound > value[position - 1]));
}
