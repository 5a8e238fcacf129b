import type { UpstreamConcurrency } from "./route-concurrency.ts";
import { fileSetting, setting } from "./setting.ts";

/** How many requests are in progress at once, and how many wait. */
export const concurrencySettings = {
  perKey: setting(
    "MAX_CONCURRENT_PER_KEY",
    "count-or-none",
    0,
    "Requests that one key may have in progress on all routes together, unless its tier says otherwise; 0 for no limit",
  ),
  queueSize: setting("CONCURRENCY_QUEUE", "queue-size", 200, "Requests of one route that may wait for a free slot; 0: they are refused"),
  queueSeconds: setting("CONCURRENCY_QUEUE_SECONDS", "queue-seconds", 10, "Seconds that a request may wait for a free slot"),
  upstreams: fileSetting<UpstreamConcurrency[]>("upstream-concurrency", [], "How many requests backends serve at once, for all routes"),
};
