import { Breaker } from "./breaker.ts";
import { Origin } from "./origin.ts";
import type { Settings } from "./read-options.ts";
import { RetryBudget } from "./retry-budget.ts";

/** A target at work: its origins, its breaker and its budget for retries. */
export interface Route {
  readonly name: string;
  readonly path: string | undefined;
  readonly origins: readonly Origin[];
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
}

export function makeRoutes(settings: Settings): readonly Route[] {
  return settings.targets.map(({ name, path, replicas }) => ({
    name,
    path,
    origins: replicas.map((replica) => new Origin(replica, settings)),
    breaker: new Breaker(settings.breaker),
    budget: new RetryBudget(settings.retries.budget),
  }));
}
