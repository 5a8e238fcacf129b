export { createCounter, type BoundedCounter } from "./counter.ts";
export { createGauge, type BoundedGauge } from "./gauge.ts";
export { createHistogram, type BoundedHistogram } from "./histogram.ts";
export type { HistogramOptions, LabelValues, MetricOptions } from "./metric-options.ts";
export { metrics } from "./metrics.ts";
export { metricsEndpoint } from "./metrics-endpoint.ts";
export type { MetricsEndpointOptions, MetricsOptions } from "./options.ts";
export { type MetricsRegistry, Registry } from "./registry.ts";
export { overflowLabel, type SeriesLimitReached, seriesLimitReached } from "./series-table.ts";
