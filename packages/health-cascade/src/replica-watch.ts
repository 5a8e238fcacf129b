import { probeReplica } from "./probe.ts";
import type { Finding, ServiceStatus } from "./report.ts";
import { makeObservation, type Observed } from "./reported-health.ts";
import type { Replica, Service } from "./services.ts";
import { makeSteadyStatus } from "./steady-status.ts";

/** Stands for what nothing is known of. */
export const unanswered: Finding = { status: "unhealthy", error: "no answer yet" };

/** What of the options of a cascade matters to each replica. */
export interface WatchSettings {
  readonly deadlineMs: number;
  readonly observationMs: number;
}

/** Hears of everything that was learnt; `change` when probes have changed their mind. */
export type Learnt = (change?: { from: ServiceStatus | "unknown"; to: ServiceStatus; error?: string }) => void;

/** What is known of one replica, and how to know more. */
export interface ReplicaWatch {
  readonly origin: string;
  readonly report: Finding;
  /**
   * Starts a probe unless the last one is still running, which then counts as late once more. Resolves when it has ended or
   * the deadline has passed, whichever is first, to whether it was good; never rejects.
   */
  probe(deadlineAt: number): Promise<boolean>;
  observe(observed: Observed): void;
  /** Gives up what is running and learns nothing from it. */
  stop(): void;
}

export function watchReplica(service: Service, { url, origin }: Replica, settings: WatchSettings, learnt: Learnt): ReplicaWatch {
  const lateError = `no answer within ${settings.deadlineMs} ms`;
  const late: Finding = { status: "unhealthy", error: lateError };
  const steady = makeSteadyStatus(service);
  const observation = makeObservation(settings.observationMs);
  let finding = unanswered;
  let running: RunningProbe | undefined;

  /** Takes the result of a probe as a verdict. */
  function count(found: Finding): void {
    finding = found;
    const from = steady.status;
    const to = found.status === "healthy" ? "healthy" : "unhealthy";
    if (!steady.count(to)) return learnt();
    learnt({ from, to, ...(to === "unhealthy" && found.error !== undefined && { error: found.error }) });
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
   * Whether it was good. A late answer tells how late it was, but never makes a replica healthy: the next caller would wait for
   * nothing as well.
   */
  function end({ controller, late: counted }: RunningProbe, found: Finding, deadlineAt: number): boolean {
    if (controller.signal.aborted) return false;
    const inTime = !counted && performance.now() <= deadlineAt;
    const shown: Finding = inTime || found.status !== "healthy" ? found : { ...found, status: "unhealthy", error: lateError };
    if (!counted) {
      count(shown);
    } else {
      finding = shown;
      learnt();
    }
    return shown.status === "healthy";
  }

  return {
    origin,
    get report(): Finding {
      if (observation.isDown) return whileRequestsFail(finding);
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
    observe: (observed) => observation.tell(observed),
    stop: () => running?.controller.abort(),
  };
}

/** What probes have found is still shown. */
export function whileRequestsFail<T extends Finding>(found: T): T {
  const error = found.error === undefined || found.error === unanswered.error ? "requests fail" : found.error;
  return { ...found, status: "unhealthy", error };
}

interface RunningProbe {
  readonly controller: AbortController;
  /** Settled when it has ended or is late. */
  readonly good: Promise<boolean>;
  late: boolean;
}
