import type { ClockDeadlines } from "../attempts/response-clock.ts";
import type { Settings } from "../options/read-options.ts";
import type { ResponseBatch } from "../response/response-batch.ts";
import type { Target } from "../targets/target.ts";
import type { RunningSet } from "./running-set.ts";

/** What all requests through one proxy share. */
export interface ProxyContext {
  readonly settings: Settings;
  readonly targets: readonly Target[];
  readonly running: RunningSet;
  readonly batch: ResponseBatch;
  readonly deadlines: ClockDeadlines;
}
