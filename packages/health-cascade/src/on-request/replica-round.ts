import { probeReplica } from "./probe.ts";
import type { Finding, ServiceStatus } from "./report.ts";
import { makeLatestReport } from "./reported-health.ts";
import type { Replica, Service } from "./services.ts";
import { makeSteadyStatus } from "./steady-status.ts";

/** What is known before the first result. */
export const noResultYet: Finding = { status: "unhealthy", error: "no response yet" };

/** The options of a cascade that matter to each replica. */
export interface WatchSettings {
  readonly deadlineMs: number;
  readonly reportedHealthMs: number;
}

/** Is called after every result, with `change` if the probes have changed the status. */
export type OnResult = (change?: { from: ServiceStatus | "unknown"; to: ServiceStatus; error?: string }) => void;

/** Probes one replica and keeps its status. */
export interface ReplicaWatch {
  readonly origin: string;
  readonly report: Finding;
  /**
   * Starts a probe, unless the last one is still running, which then counts as late again. Resolves when it has ended or the deadline has
   * passed, to whether it was good; never rejects.
   */
  probe(deadlineAt: number): Promise<boolean>;
  reportHealth(healthy: boolean): void;
  /** Aborts the running probe and ignores its result. */
  stop(): void;
}

export function watchReplica(service: Service, { url, origin }: Replica, settings: WatchSettings, onResult: OnResult): ReplicaWatch {
  const lateError = `no response within ${settings.deadlineMs} ms`;
  const late: Finding = { status: "unhealthy", error: lateError };
  const steady = makeSteadyStatus(service);
  const reported = makeLatestReport(settings.reportedHealthMs);
  let finding = noResultYet;
  let running: RunningProbe | undefined;

  /** Counts the result of a probe. */
  function count(found: Finding): void {
    finding = found;
    const from = steady.status;
    const to = found.status === "healthy" ? "healthy" : "unhealthy";
    if (!steady.count(to)) return onResult();
    onResult({ from, to, ...(to === "unhealthy" && found.error !== undefined && { error: found.error }) });
  }

  function start(deadlineAt: number): Promise<boolean> {
    const { promise: good, resolve } = Promise.withResolvers<boolean>();
    const own: RunningProbe = { controller: new AbortController(), good, late: false };
    running = own;
    const passDeadline = (): void => {
      own.late = true;
      count(late);
      resolve(false);
    };
    const timer = setTimeout(passDeadline, Math.max(0, deadlineAt - performance.now())).unref();
    void probeReplica(url, service, own.controller.signal).then((found) => {
      clearTimeout(timer);
      running = undefined;
      return resolve(end(own, found, deadlineAt));
    });
    return good;
  }

  /**
   * Ends a probe; true if it was good. A late response shows how late it was, but never makes a replica healthy, because the next caller
   * would wait in vain too.
   */
  function end({ controller, late: counted }: RunningProbe, found: Finding, deadlineAt: number): boolean {
    if (controller.signal.aborted) return false;
    const inTime = !counted && performance.now() <= deadlineAt;
    const shown: Finding = inTime || found.status !== "healthy" ? found : { ...found, status: "unhealthy", error: lateError };
    if (!counted) {
      count(shown);
    } else {
      finding = shown;
      onResult();
    }
    return shown.status === "healthy";
  }

  return {
    origin,
    get report(): Finding {
      if (reported.isDown) return whileRequestsFail(finding);
      if (steady.status === finding.status || steady.status === "unknown") return finding;
      if (steady.status === "healthy") return { ...finding, status: "healthy" };
      return { ...finding, status: "unhealthy", error: "recovering" };
    },
    probe(deadlineAt) {
      if (running === undefined) return start(deadlineAt);
      if (!running.late) return running.good;
      count(late);
      return Promise.resolve(false);
    },
    reportHealth: (healthy) => reported.record(healthy),
    stop: () => running?.controller.abort(),
  };
}

/** The result of the probes is still shown. */
export function whileRequestsFail<T extends Finding>(found: T): T {
  const error = found.error === undefined || found.error === noResultYet.error ? "requests fail" : found.error;
  return { ...found, status: "unhealthy", error };
}

interface RunningProbe {
  readonly controller: AbortController;
  /** Settles when it has ended or is late. */
  readonly good: Promise<boolean>;
  late: boolean;
}
