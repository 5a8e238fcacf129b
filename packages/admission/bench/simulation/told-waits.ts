import { Gate } from "../../src/gate/gate.ts";
import type { Entrant } from "../../src/store.ts";
import { Events } from "./events.ts";
import { Random } from "./random.ts";

interface Refusals {
  readonly slots: number;
  /** Requests that wait when a further one is refused. */
  readonly queue: number;
  /** Milliseconds that a request holds its slot. */
  readonly serviceMs: (random: Random) => number;
  /** The mean of that. */
  readonly meanMs: number;
  readonly refusals: number;
  readonly seed: number;
}

export interface ToldWait {
  readonly toldMs: number;
  readonly trueMs: number;
}

interface Refused {
  readonly atMs: number;
  readonly toldMs: number;
  /** Requests that are served before it would be, itself included. */
  turns: number;
}

/**
 * What refused requests are told at twice the load that a backend can serve, and the time after which they would have been served: one
 * share is served in the order of arrival, so a refused request would have come after those that waited.
 */
export function toldWaits({ slots, queue, serviceMs, meanMs, refusals, seed }: Refusals): readonly ToldWait[] {
  const random = new Random(seed);
  const events = new Events();
  const gate = new Gate({ now: () => events.nowMs, defer: (run) => events.after(0, run) });
  const bounds = { name: "q", max: queue, maxPerShare: queue, maxWaitMs: 600_000, agingMs: 1_000 };
  const ask = { demands: [{ limit: "model", key: "", max: slots }], share: "a", weight: 1, cost: 1, priority: 0, queue: bounds };
  const pending: Refused[] = [];
  const waits: ToldWait[] = [];

  function takeTurn(): void {
    for (const refused of pending) refused.turns -= 1;
    while (pending[0]?.turns === 0) {
      const { atMs, toldMs } = pending.shift() ?? { atMs: 0, toldMs: 0 };
      waits.push({ toldMs, trueMs: events.nowMs - atMs });
    }
  }

  function come(): void {
    let leave = (): void => undefined;
    const entrant: Entrant = {
      admitted(position) {
        if (position > 0) takeTurn();
        events.after(serviceMs(random), () => leave());
      },
      refused: ({ retryAfterMs }) => void pending.push({ atMs: events.nowMs, toldMs: retryAfterMs, turns: queue + 1 }),
    };
    leave = gate.enter(ask, entrant);
    if (waits.length < refusals) events.after(random.exponential(meanMs / slots / 2), come);
  }

  come();
  while (waits.length < refusals) events.runUntil(events.nowMs + 60_000);
  return waits.slice(0, refusals);
}

/** The part of told waits that are at least half and at most twice the true one. */
export function withinTwice(waits: readonly ToldWait[]): number {
  return waits.filter(({ toldMs, trueMs }) => toldMs >= trueMs / 2 && toldMs <= trueMs * 2).length / waits.length;
}
