import type { Metric } from "prom-client";

import type { MetricsRegistry } from "./registry.ts";
import type { Series, SeriesTable } from "./series-table.ts";

/** One line of a scrape. prom-client writes `labels` and then `sharedLabels`, whose text it keeps for as long as the object lives. */
export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly metricName?: string;
}

interface Registration<C> {
  readonly name: string;
  readonly help: string;
  readonly registry: MetricsRegistry;
  readonly type: "counter" | "gauge" | "histogram";
  readonly table: SeriesTable<C>;
  readonly toSamples: (series: Series<C>) => readonly Sample[];
}

/**
 * Puts a table into a registry as the kind of object that prom-client asks at scrape time.
 *
 * `getForPromString()` serves the text formats, `get()` the JSON that a cluster's workers send to be added up. The name may
 * change: an OpenMetrics registry takes `_total` off a counter's name and puts it behind each sample.
 */
export function registerMetric<C>({ name, help, registry, type, table, toSamples }: Registration<C>): void {
  const samples = (): Sample[] => [...table.all()].flatMap(toSamples);
  const metric = {
    name,
    help,
    type,
    aggregator: "sum",
    async getForPromString() {
      return { name: metric.name, help, type, aggregator: metric.aggregator, values: samples() };
    },
    async get() {
      const values = samples().map(splay);
      return { name: metric.name, help, type, aggregator: metric.aggregator, values };
    },
    reset: () => table.clear(),
  };
  registry.registerMetric(metric as unknown as Metric);
}

function splay({ value, metricName, labels, sharedLabels }: Sample) {
  return { value, metricName, labels: { ...labels, ...sharedLabels } };
}
