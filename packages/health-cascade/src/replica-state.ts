import type { ProbeResult } from "./probe-result.ts";
import { type Finding, type KnownStatus, noRecentResult, noResultYet, type ServiceStatus } from "./report.ts";
import { makeLatestReport } from "./reported-health.ts";
import type { Replica } from "./services.ts";
import { makeSteadyStatus, type Thresholds } from "./steady-status.ts";

/** Is called after every result, with `change` if the probes have changed the status. */
export type OnResult = (change?: { from: KnownStatus; to: ServiceStatus; error?: string }) => void;

/** What is known about one replica. Results of probes come in by `count()`, wherever the probes run. */
export interface ReplicaState {
  readonly replica: Replica;
  readonly report: Finding;
  /** When the last result was found, as `Date.now()`; `undefined` before the first one. */
  readonly foundAt: number | undefined;
  count(result: ProbeResult): void;
  /** Shows what a probe found after its result was counted. */
  show(found: Finding): void;
  reportHealth(healthy: boolean): void;
}

export interface ReplicaSettings extends Thresholds {
  readonly reportedHealthMs: number;
  /** How long a result counts if no other follows. */
  readonly staleAfterMs: number;
}

export function makeReplicaState(replica: Replica, settings: ReplicaSettings, onResult: OnResult): ReplicaState {
  const steady = makeSteadyStatus(settings);
  const reported = makeLatestReport(settings.reportedHealthMs);
  let finding = noResultYet;
  let foundAt: number | undefined;
  let staleAt = Infinity;

  /** What the probes say. */
  function probed(): Finding {
    if (performance.now() >= staleAt) return noRecentResult;
    if (steady.status === finding.status || steady.status === "unknown") return finding;
    if (steady.status === "healthy") return { ...finding, status: "healthy" };
    return { ...finding, status: "unhealthy", error: "recovering" };
  }

  return {
    replica,
    get report() {
      const found = probed();
      return reported.isDown ? whileRequestsFail(found) : found;
    },
    get foundAt() {
      return foundAt;
    },
    count(result) {
      ({ finding, foundAt } = result);
      staleAt = performance.now() - result.ageMs + settings.staleAfterMs;
      const from = steady.status;
      const to = finding.status === "healthy" ? "healthy" : "unhealthy";
      if (!steady.count(to)) return onResult();
      onResult({ from, to, ...(to === "unhealthy" && finding.error !== undefined && { error: finding.error }) });
    },
    show(found) {
      finding = found;
      onResult();
    },
    reportHealth: (healthy) => reported.record(healthy),
  };
}

/** The result of the probes is still shown. */
export function whileRequestsFail<T extends Finding>(found: T): T {
  const error = found.error === undefined || found.status === "unknown" ? "requests fail" : found.error;
  return { ...found, status: "unhealthy", error };
}
