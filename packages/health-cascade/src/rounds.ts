import { healthChecked } from "./events.ts";
import { overallStatus } from "./report.ts";
import type { ServiceWatch } from "./service-watch.ts";

/** Probe rounds over all services: one at a time, each ended by the deadline, no more than one per cache interval. */
export interface Rounds {
  /** True while what is known may be told without probing. */
  readonly fresh: boolean;
  /** When the last round ended. */
  readonly endedAt: Date;
  /** Joins the round that is running, or starts one. Resolves when it has ended, and never rejects. */
  run(): Promise<void>;
  /** Ends the round that is running and starts no other; what is known stays. */
  close(): void;
}

export function makeRounds(watches: readonly ServiceWatch[], deadlineMs: number, cacheMs: number): Rounds {
  let startedAt = -Infinity;
  let endedAt = new Date();
  let current: Promise<void> | undefined;
  let closed = false;

  function start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ownStart = performance.now();
    let ended = false;
    const end = (): void => {
      // The probes of a round may end long after it, in the time of another.
      if (ended) return;
      ended = true;
      clearTimeout(deadline);
      current = undefined;
      endedAt = new Date();
      for (const watch of watches) watch.passDeadline();
      if (healthChecked.heard) healthChecked.publish({ status: overallStatus(watches), durationMs: performance.now() - ownStart });
      resolve();
    };
    const deadline = setTimeout(end, deadlineMs).unref();
    startedAt = ownStart;
    void Promise.all(watches.map((watch) => watch.probe())).then(end);
    return promise;
  }

  return {
    get fresh() {
      return closed || (current === undefined && performance.now() - startedAt < cacheMs);
    },
    get endedAt() {
      return endedAt;
    },
    run: () => (current ??= start()),
    close() {
      closed = true;
      for (const watch of watches) watch.stop();
    },
  };
}
