import type { ReplicaStatusChanged, ServiceStatusChanged } from "./events.ts";
import { type ReplicaWatch, unanswered, watchReplica, type WatchSettings, whileRequestsFail } from "./replica-watch.ts";
import type { ServiceReport, ServiceStatus } from "./report.ts";
import { makeObservation, type Observed } from "./reported-health.ts";
import type { Service } from "./services.ts";

/** What is known of one service, and how to know more. */
export interface ServiceWatch {
  readonly name: string;
  readonly critical: boolean;
  readonly report: ServiceReport;
  /** Probes all replicas. Resolves with the first good answer, or when there is none, at the latest at `deadlineAt`; never rejects. */
  probe(deadlineAt: number): Promise<void>;
  /** Takes over what requests to the service, or to one replica of it, have shown. */
  observe(observed: Observed, origin: string | undefined): void;
  /** Gives up what is running and learns nothing from it. */
  stop(): void;
}

/** Who is told of changes. */
export interface WatchListener {
  onServiceChange(change: Omit<ServiceStatusChanged, "source">): void;
  onReplicaChange(change: Omit<ReplicaStatusChanged, "source">): void;
}

export interface ServiceWatchSettings extends WatchSettings {
  readonly showReplicas: boolean;
}

export function watchService(service: Service, settings: ServiceWatchSettings, listener: WatchListener): ServiceWatch {
  const { name, critical, disabled } = service;
  const observation = makeObservation(settings.observationMs);
  let report: ServiceReport = disabled ? { status: "disabled" } : unanswered;
  let status: ServiceStatus | "unknown" = "unknown";
  // Between the start of a round and its first good answer what is known is half old and half new.
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

  /** As its first healthy replica, or as its first when none is. */
  function judge(): ServiceReport {
    const reports = replicas.map((replica) => replica.report);
    const shown = reports.find((each) => each.status === "healthy") ?? reports[0] ?? unanswered;
    const own: ServiceReport = observation.isDown ? whileRequestsFail(shown) : shown;
    if (!settings.showReplicas) return own;
    return { ...own, replicas: replicas.map(({ origin }, index) => Object.assign({ url: origin }, reports[index] ?? unanswered)) };
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
    observe(observed, origin) {
      if (origin === undefined) observation.tell(observed);
      else for (const replica of withOrigin(replicas, origin)) replica.observe(observed);
      // Requests can show that a service is down before it was ever probed, but not that its health answer is good.
      if (!undecided && (status !== "unknown" || observed === "down")) update();
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
