import { OptionError } from "@aivillage/middleware";

import type { Aggregator, Exemplar } from "./family.ts";
import { packageName } from "./metric-options.ts";
import type { MetricsRegistry } from "./registry.ts";

/** One line of a scrape. prom-client writes `labels` and then `sharedLabels`, whose text it keeps for as long as the object lives. */
export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly metricName?: string;
  readonly exemplar?: Exemplar | undefined;
  readonly setAt?: number | undefined;
}

interface Registration {
  readonly name: string;
  readonly help: string;
  readonly registry: MetricsRegistry;
  readonly type: "counter" | "gauge" | "histogram";
  /** Default `sum`. */
  readonly aggregator?: Aggregator;
  readonly samples: () => readonly Sample[];
  readonly reset: () => void;
}

/**
 * Puts numbers into a registry as the kind of object that prom-client asks at scrape time.
 *
 * `getForPromString()` serves the registry's own text format, `get()` the JSON that `metricsEndpoint()` shows and workers send
 * to be added up. The name may change: an OpenMetrics registry takes `_total` off a counter's name and puts it after each sample.
 *
 * @throws TypeError when the registry has the name already
 */
export function registerMetric({ name, help, registry, type, aggregator = "sum", samples, reset }: Registration): void {
  if (registry.getSingleMetric(name) !== undefined) {
    throw alreadyRegistered(name);
  }
  const metric = {
    name,
    help,
    type,
    aggregator,
    async getForPromString() {
      return { name: metric.name, help, type, aggregator: metric.aggregator, values: samples() };
    },
    async get() {
      return { name: metric.name, help, type, aggregator: metric.aggregator, values: samples().map(splay) };
    },
    reset,
  };
  registry.registerMetric(metric);
}

/** Happens where an app is made several times in one process, as in tests and when code is reloaded. */
function alreadyRegistered(name: string): OptionError {
  const remedy =
    "give each app `registry: new Registry()`, also to its metricsEndpoint(), or a `prefix` of its own; when code is reloaded, call `register.clear()` of prom-client first";
  return new OptionError({
    packageName,
    option: "registry",
    expected: `a registry that has no metric ${name} yet`,
    reason: `option \`registry\` must be a registry that has no metric ${name} yet; ${remedy}`,
  });
}

function splay({ value, metricName, labels, sharedLabels, exemplar, setAt }: Sample) {
  return {
    value,
    metricName,
    labels: { ...labels, ...sharedLabels },
    ...(exemplar !== undefined && { exemplar }),
    ...(setAt !== undefined && { setAt }),
  };
}
