import { foundNow } from "../probe-result.ts";
import { probeReplica } from "../probe.ts";
import type { ReplicaState } from "../replica-state.ts";
import type { Finding } from "../report.ts";

/** Probes one replica when a round asks for it. */
export interface ReplicaRound {
  /**
   * Starts a probe, unless the last one is still running, which then counts as late again. Resolves when it has ended or the deadline has
   * passed, to whether it was good; never rejects.
   */
  probe(deadlineAt: number): Promise<boolean>;
  /** Aborts the running probe and ignores its result. */
  stop(): void;
}

export function makeReplicaRound(state: ReplicaState, deadlineMs: number): ReplicaRound {
  const lateError = `no response within ${deadlineMs} ms`;
  const late: Finding = { status: "unhealthy", error: lateError };
  let running: RunningProbe | undefined;

  function start(deadlineAt: number): Promise<boolean> {
    const { promise: good, resolve } = Promise.withResolvers<boolean>();
    const own: RunningProbe = { controller: new AbortController(), good, late: false };
    running = own;
    const passDeadline = (): void => {
      own.late = true;
      state.count(foundNow(late));
      resolve(false);
    };
    const timer = setTimeout(passDeadline, Math.max(0, deadlineAt - performance.now())).unref();
    void probeReplica(state.replica.target, own.controller.signal).then((found) => {
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
    if (counted) state.show(shown);
    else state.count(foundNow(shown));
    return shown.status === "healthy";
  }

  return {
    probe(deadlineAt) {
      if (running === undefined) return start(deadlineAt);
      if (!running.late) return running.good;
      state.count(foundNow(late));
      return Promise.resolve(false);
    },
    stop: () => running?.controller.abort(),
  };
}

interface RunningProbe {
  readonly controller: AbortController;
  /** Settles when it has ended or is late. */
  readonly good: Promise<boolean>;
  late: boolean;
}
