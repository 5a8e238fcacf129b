import type { ReplicaStatusChanged, ServiceStatusChanged } from "./events.ts";
import { type ReplicaWatch, noResultYet, watchReplica, type WatchSettings, whileRequestsFail } from "./replica-watch.ts";
import type { ServiceReport, ServiceStatus } from "./report.ts";
import { makeLatestReport } from "./reported-health.ts";
import type { Service } from "./services.ts";

/** Probes one service and keeps its status. */
export interface ServiceWatch {
  readonly name: string;
  readonly critical: boolean;
  readonly report: ServiceReport;
  /** Probes all replicas. Resolves at the first good result or when all have failed, at the latest at `deadlineAt`; never rejects. */
  probe(deadlineAt: number): Promise<void>;
  /** Takes a report about the service, or about the replica with this origin. */
  reportHealth(healthy: boolean, origin: string | undefined): void;
  /** Aborts running probes and ignores their results. */
  stop(): void;
}

/** Is notified of changes. */
export interface WatchListener {
  onServiceChange(change: Omit<ServiceStatusChanged, "source">): void;
  onReplicaChange(change: Omit<ReplicaStatusChanged, "source">): void;
}

export interface ServiceWatchSettings extends WatchSettings {
  readonly showReplicas: boolean;
}

export function watchService(service: Service, settings: ServiceWatchSettings, listener: WatchListener): ServiceWatch {
  const { name, critical, disabled } = service;
  const reported = makeLatestReport(settings.reportedHealthMs);
  let report: ServiceReport = disabled ? { status: "disabled" } : noResultYet;
  let status: ServiceStatus | "unknown" = "unknown";
  // Between the start of a round and its first good result, the known results are partly old.
  let undecided = false;
  let stopped = false;

  const replicas = service.replicas.map((replica) =>
    watchReplica(service, replica, settings, (change) => {
      if (stopped) return;
      if (change !== undefined) listener.onReplicaChange({ service: name, replica: replica.origin, ...change });
      if (!undecided) update();
    }),
  );

  function update(): void {
    if (stopped || disabled) return;
    report = judge();
    if (report.status === status || report.status === "disabled") return;
    const from = status;
    status = report.status;
    const { error } = report;
    listener.onServiceChange({ service: name, from, to: status, ...(status === "unhealthy" && error !== undefined && { error }) });
  }

  /** The report of its first healthy replica, or of its first one if none is healthy. */
  function judge(): ServiceReport {
    const reports = replicas.map((replica) => replica.report);
    const shown = reports.find((each) => each.status === "healthy") ?? reports[0] ?? noResultYet;
    const own: ServiceReport = reported.isDown ? whileRequestsFail(shown) : shown;
    if (!settings.showReplicas) return own;
    return { ...own, replicas: replicas.map(({ origin }, index) => Object.assign({ url: origin }, reports[index] ?? noResultYet)) };
  }

  return {
    name,
    critical,
    get report() {
      return report;
    },
    async probe(deadlineAt) {
      if (disabled) return;
      undecided = true;
      await firstGoodOrAll(replicas.map((replica) => replica.probe(deadlineAt)));
      undecided = false;
      update();
    },
    reportHealth(healthy, origin) {
      if (origin === undefined) reported.record(healthy);
      else for (const replica of withOrigin(replicas, origin)) replica.reportHealth(healthy);
      // Requests can show that a service is down before its first probe, but not that its probes would succeed.
      if (!undecided && (status !== "unknown" || !healthy)) update();
    },
    stop() {
      stopped = true;
      for (const replica of replicas) replica.stop();
    },
  };
}

function withOrigin(replicas: readonly ReplicaWatch[], origin: string): readonly ReplicaWatch[] {
  return replicas.filter((replica) => replica.origin === origin);
}

function firstGoodOrAll(probes: readonly Promise<boolean>[]): Promise<void> {
  return new Promise((resolve) => {
    for (const probe of probes) void probe.then((good) => good && resolve());
    void Promise.all(probes).then(() => resolve());
  });
}
