import type { Probing } from "../probing.ts";
import type { ServiceState } from "../service-state.ts";
import { makeReplicaRound } from "./replica-round.ts";

/** How long the results of a round may be used, from its start. */
export interface RoundTimes {
  readonly deadlineMs: number;
  readonly cacheMs: number;
  /** Additional time while the next round is running. */
  readonly staleMs: number;
}

/** Probe rounds over all services, started by callers: one at a time, each ended by the deadline, no more than one per cache interval. */
export function probeOnRequest(states: readonly ServiceState[], times: RoundTimes, onEnd: (durationMs: number) => void): Probing {
  const { deadlineMs, cacheMs, staleMs } = times;
  const services = states.filter(({ service }) => !service.disabled).map((state) => makeServiceRound(state, deadlineMs));
  let knownSince = -Infinity;
  let endedAt = new Date();
  let current: Promise<void> | undefined;
  let closed = false;

  async function start(): Promise<void> {
    const startedAt = performance.now();
    await Promise.all(services.map((service) => service.probe(startedAt + deadlineMs)));
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
    start: () => undefined,
    ask() {
      if (closed) return undefined;
      const age = performance.now() - knownSince;
      if (age >= cacheMs) current ??= start();
      return age < cacheMs + staleMs ? undefined : current;
    },
    close() {
      closed = true;
      for (const service of services) service.stop();
    },
  };
}

interface ServiceRound {
  /** Probes all replicas. Resolves at the first good result or when all have failed, at the latest at `deadlineAt`. */
  probe(deadlineAt: number): Promise<void>;
  stop(): void;
}

function makeServiceRound(state: ServiceState, deadlineMs: number): ServiceRound {
  const replicas = state.replicas.map((replica) => makeReplicaRound(replica, deadlineMs));
  return {
    async probe(deadlineAt) {
      state.hold();
      await firstGoodOrAll(replicas.map((replica) => replica.probe(deadlineAt)));
      state.decide();
    },
    stop() {
      for (const replica of replicas) replica.stop();
    },
  };
}

function firstGoodOrAll(probes: readonly Promise<boolean>[]): Promise<void> {
  return new Promise((resolve) => {
    for (const probe of probes) void probe.then((good) => good && resolve());
    void Promise.all(probes).then(() => resolve());
  });
}
