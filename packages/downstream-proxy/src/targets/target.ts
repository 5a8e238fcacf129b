import { Breaker } from "../failures/breaker.ts";
import { FailureSources } from "../failures/failure-sources.ts";
import type { Settings } from "../options/read-options.ts";
import type { ReplicaUrl } from "../options/read-replicas.ts";
import type { TargetOptions } from "../options/target-options.ts";
import { type Balance, prepareBalance } from "./balance.ts";
import { Replica } from "./replica.ts";
import { RetryBudget } from "./retry-budget.ts";
import { SessionCookie } from "./session-cookie.ts";

/** A target in operation: its replicas, its breaker and its retry budget. */
export interface Target {
  readonly name: string;
  readonly path: string | undefined;
  /** Request headers for this target alone. */
  readonly headers: TargetOptions["headers"];
  /** Makes the body for this target alone. */
  readonly body: TargetOptions["body"];
  readonly replicas: readonly Replica[];
  /** Those that new requests may be sent to: all but the draining ones, or all if every one of them drains. */
  choices: readonly Replica[];
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  /** Statuses of a response that count as a failure. */
  readonly failureStatuses: ReadonlySet<number>;
  readonly sources: FailureSources;
  /** Keeps clients at a replica; `undefined` with one replica. */
  readonly session: SessionCookie | undefined;
  /** Chooses one of several replicas that may get a request. */
  readonly balance: Balance;
}

export function makeTargets(settings: Settings): readonly Target[] {
  const sources = new FailureSources(settings);
  return settings.targets.map((target) => {
    const session = makeSession(settings, target.replicas);
    const replicas = target.replicas.map((replica) => new Replica(replica, target, settings));
    return {
      name: target.name,
      path: target.path,
      headers: target.headers,
      body: target.body,
      replicas,
      choices: replicas,
      session,
      balance: prepareBalance(target.replicas, settings.affinity, session),
      breaker: new Breaker(settings.breaker),
      budget: new RetryBudget(settings.retries.budget),
      failureStatuses: settings.failureStatuses,
      sources,
    };
  });
}

function makeSession({ sessionCookie }: Settings, replicas: readonly ReplicaUrl[]): SessionCookie | undefined {
  return sessionCookie === undefined || replicas.length === 1 ? undefined : new SessionCookie(sessionCookie, replicas);
}
