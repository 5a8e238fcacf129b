import type { MetricsRegistry } from "./registry.ts";
import { makeRequestMetrics, registerInProgress } from "./request-metrics.ts";
import { ResponsesInProgress } from "./responses-in-progress.ts";

interface Settings {
  readonly prefix: string;
  readonly registry: MetricsRegistry;
  readonly buckets: readonly number[];
  readonly maxSeries: number;
}

/** The metrics of one prefix in a registry, for every `metrics()` that has the same settings. */
export interface SharedRequestMetrics {
  readonly inProgress: ResponsesInProgress;
  readonly countRequest: ReturnType<typeof makeRequestMetrics>;
  /** Where a response keeps what is in progress, so that two handlers count a request once. */
  readonly place: symbol;
  readonly form: string;
}

const known = new WeakMap<MetricsRegistry, Map<string, SharedRequestMetrics>>();

/**
 * The request metrics in a registry. An app that is made again in the same process, as in tests and when code is reloaded, goes on counting
 * in those that are there.
 *
 * @throws OptionError when the registry has metrics of these names with other settings, or from elsewhere
 */
export function sharedRequestMetrics(settings: Settings): SharedRequestMetrics {
  const { registry, prefix, buckets, maxSeries } = settings;
  const inRegistry = known.get(registry) ?? new Map<string, SharedRequestMetrics>();
  known.set(registry, inRegistry);
  const form = JSON.stringify([buckets, maxSeries]);
  const there = inRegistry.get(prefix);
  if (there?.form === form && registry.getSingleMetric(`${prefix}_requests_total`) !== undefined) return there;
  const inProgress = new ResponsesInProgress();
  registerInProgress(settings, inProgress);
  const made = { inProgress, countRequest: makeRequestMetrics(settings), place: Symbol(`@aivillage/metrics.${prefix}`), form };
  inRegistry.set(prefix, made);
  return made;
}
