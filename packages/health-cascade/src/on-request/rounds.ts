import type { ServiceWatch } from "./service-watch.ts";

/** How long the results of a round may be used, from its start. */
export interface RoundTimes {
  readonly deadlineMs: number;
  readonly cacheMs: number;
  /** Additional time while the next round is running. */
  readonly staleMs: number;
}

/** Probe rounds over all services: one at a time, each ended by the deadline, no more than one per cache interval. */
export interface Rounds {
  /** When the last round ended. */
  readonly endedAt: Date;
  /**
   * Starts a round if it is due. Returns `undefined` if the known results may be used at once. Otherwise resolves when the running round has
   * ended, and never rejects.
   */
  ask(): Promise<void> | undefined;
  /** Ends the running round and starts no other; the known results stay. */
  close(): void;
}

export function makeRounds(watches: readonly ServiceWatch[], times: RoundTimes, onEnd: (durationMs: number) => void): Rounds {
  const { deadlineMs, cacheMs, staleMs } = times;
  let knownSince = -Infinity;
  let endedAt = new Date();
  let current: Promise<void> | undefined;
  let closed = false;

  async function start(): Promise<void> {
    const startedAt = performance.now();
    await Promise.all(watches.map((watch) => watch.probe(startedAt + deadlineMs)));
    current = undefined;
    if (closed) return;
    knownSince = startedAt;
    endedAt = new Date();
    onEnd(performance.now() - startedAt);
  }

  return {
    get endedAt() {
      return endedAt;
    },
    ask() {
      if (closed) return undefined;
      const age = performance.now() - knownSince;
      if (age >= cacheMs) current ??= start();
      return age < cacheMs + staleMs ? undefined : current;
    },
    close() {
      closed = true;
      for (const watch of watches) watch.stop();
    },
  };
}
