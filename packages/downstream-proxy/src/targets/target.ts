import { Breaker } from "../failures/breaker.ts";
import { FailureSources } from "../failures/failure-sources.ts";
import type { Settings } from "../options/read-options.ts";
import { Origin } from "./replica.ts";
import { RetryBudget } from "./retry-budget.ts";

/** A target at work: its origins, its breaker and its budget for retries. */
export interface Route {
  readonly name: string;
  readonly path: string | undefined;
  readonly origins: readonly Origin[];
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  /** Statuses of a response that count as a failure. */
  readonly failureStatuses: ReadonlySet<number>;
  readonly sources: FailureSources;
}

export function makeRoutes(settings: Settings): readonly Route[] {
  const sources = new FailureSources(settings);
  return settings.targets.map(({ name, path, replicas }) => ({
    name,
    path,
    origins: replicas.map((replica) => new Origin(replica, settings)),
    breaker: new Breaker(settings.breaker),
    budget: new RetryBudget(settings.retries.budget),
    failureStatuses: settings.failureStatuses,
    sources,
  }));
}
