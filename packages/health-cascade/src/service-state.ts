import type { ReplicaStatusChanged, ServiceStatusChanged } from "./events.ts";
import { makeReplicaState, type ReplicaState, whileRequestsFail } from "./replica-state.ts";
import { type Finding, type KnownStatus, noResultYet, type ReplicaReport, type ServiceReport, toTimestamp } from "./report.ts";
import { makeLatestReport } from "./reported-health.ts";
import type { Service } from "./services.ts";

/** What is known about one service. */
export interface ServiceState {
  readonly service: Service;
  readonly critical: boolean;
  /** Of a disabled service too, which has results of none. */
  readonly replicas: readonly ReplicaState[];
  readonly report: ServiceReport;
  /** The same with each replica, whatever `showReplicas` says. */
  readonly detailedReport: ServiceReport;
  /** When its newest result was found, as `Date.now()`; `undefined` before the first one. */
  readonly foundAt: number | undefined;
  /** Keeps the report as it is until `decide()`: between the start of a round and its first good result, the results are partly old. */
  hold(): void;
  decide(): void;
  /** Takes a report about the service, or about the replica with this origin. */
  reportHealth(healthy: boolean, origin: string | undefined): void;
  /** Ignores all further results. */
  stop(): void;
}

/** Is notified of changes. */
export interface StateListener {
  onServiceChange(change: Omit<ServiceStatusChanged, "source">): void;
  onReplicaChange(change: Omit<ReplicaStatusChanged, "source">): void;
}

/** The options of a cascade that matter to each service. */
export interface StateSettings {
  readonly reportedHealthMs: number;
  readonly showReplicas: boolean;
  /** Whether each report says when its probe ended. */
  readonly showTimes: boolean;
  readonly staleAfterMs: (service: Service) => number;
}

export function makeServiceState(service: Service, settings: StateSettings, listener: StateListener): ServiceState {
  const { name, critical, disabled } = service;
  const { reportedHealthMs, showReplicas, showTimes } = settings;
  const reported = makeLatestReport(reportedHealthMs);
  const staleAfterMs = settings.staleAfterMs(service);
  let status: KnownStatus = "unknown";
  let held: ServiceReport | undefined;
  let stopped = false;

  const replicas = service.replicas.map((replica) =>
    makeReplicaState(replica, { ...service, reportedHealthMs, staleAfterMs }, (change) => {
      if (stopped) return;
      if (change !== undefined) listener.onReplicaChange({ service: name, replica: replica.origin, ...change });
      update();
    }),
  );

  function update(): void {
    if (stopped || disabled || held !== undefined) return;
    const report = judge();
    if (report.status === status || report.status === "disabled" || report.status === "unknown") return;
    const from = status;
    status = report.status;
    const { error } = report;
    listener.onServiceChange({ service: name, from, to: status, ...(status === "unhealthy" && error !== undefined && { error }) });
  }

  const replicaReports = (): ReplicaReport[] => replicas.map(({ replica, report }) => Object.assign({ url: replica.origin }, report));

  function judge(): ServiceReport {
    if (disabled) return { status: "disabled" };
    const shown = mostTelling(replicas.map(({ report }) => report));
    const checkedAt = newest(replicas);
    return {
      ...(reported.isDown ? whileRequestsFail(shown) : shown),
      ...(showTimes && checkedAt !== undefined && { checked_at: toTimestamp(new Date(checkedAt)) }),
      ...(showReplicas && { replicas: replicaReports() }),
    };
  }

  return {
    service,
    critical,
    replicas,
    get report() {
      return held ?? judge();
    },
    get detailedReport() {
      return { ...(held ?? judge()), replicas: replicaReports() };
    },
    get foundAt() {
      return newest(replicas);
    },
    hold: () => void (held ??= judge()),
    decide() {
      held = undefined;
      update();
    },
    reportHealth(healthy, origin) {
      if (origin === undefined) reported.record(healthy);
      else for (const each of replicas) if (each.replica.origin === origin) each.reportHealth(healthy);
      // Requests can show that a service is down before its first probe, but not that its probes would succeed.
      if (status !== "unknown" || !healthy) update();
    },
    stop: () => void (stopped = true),
  };
}

/** The first healthy one, or else one that is not known yet and may be healthy, or else the first. */
function mostTelling(reports: readonly Finding[]): Finding {
  const first = (status: KnownStatus): Finding | undefined => reports.find((report) => report.status === status);
  return first("healthy") ?? first("unknown") ?? reports[0] ?? noResultYet;
}

function newest(replicas: readonly ReplicaState[]): number | undefined {
  const times = replicas.flatMap(({ foundAt }) => foundAt ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}
