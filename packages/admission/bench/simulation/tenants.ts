import { Gate } from "../../src/gate/gate.ts";
import { Events } from "./events.ts";
import { percentile } from "./percentile.ts";
import { Random } from "./random.ts";

/** A queue before slots: calls `begin` when it is the turn of a call; what that returns is called at its end. */
export interface Queue {
  enter(tenant: string, tokens: number, begin: (done: () => void) => void): void;
}

export interface Fairness {
  /** Of the tokens that each tenant got: 1 if all got the same, 1 / tenants if one got all (Jain, Chiu and Hawe, 1984). */
  readonly jain: number;
  /** 95th percentile of the waits of the quiet tenants, in mean service times. */
  readonly quietWaitP95: number;
}

const msPerToken = 20;
const tokens = [200, 0.6] as const;
const meanServiceMs = msPerToken * tokens[0] * Math.exp(tokens[1] ** 2 / 2);

/** One tenant with many clients beside nine with one, each of which sends its next call when the last one has ended. */
export function serveTenants(makeQueue: (events: Events) => Queue, minutes: number, seed: number): Fairness {
  const random = new Random(seed);
  const events = new Events();
  const queue = makeQueue(events);
  const served = new Map<string, number>();
  const waits: number[] = [];

  function come(tenant: string): void {
    const cameMs = events.nowMs;
    const size = Math.max(1, Math.round(random.logNormal(...tokens)));
    queue.enter(tenant, size, (done) => {
      if (tenant !== "loud") waits.push((events.nowMs - cameMs) / meanServiceMs);
      events.after(msPerToken * size, () => {
        served.set(tenant, (served.get(tenant) ?? 0) + size);
        done();
        come(tenant);
      });
    });
  }

  for (let client = 0; client < 100; client += 1) come("loud");
  for (let tenant = 0; tenant < 9; tenant += 1) come(`quiet ${tenant}`);
  events.runUntil(minutes * 60_000);
  return { jain: jainIndex([...served.values()]), quietWaitP95: percentile(waits, 0.95) };
}

export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum ** 2 / (values.length * values.reduce((total, value) => total + value ** 2, 0));
}

/** The queue of this package. */
export function fairQueue(slots: number): (events: Events) => Queue {
  return (events) => {
    const gate = new Gate({ now: () => events.nowMs, defer: (run) => events.after(0, run) });
    const bounds = { name: "q", max: 10_000, maxPerShare: 10_000, maxWaitMs: 600_000, agingMs: 2_000 };
    return {
      enter(tenant, cost, begin) {
        const demands = [{ limit: "model", key: "", max: slots }];
        let isEntered = false;
        let leave = (): void => undefined;
        const start = (): void => begin(() => leave());
        const admitted = (): void => (isEntered ? start() : events.after(0, start));
        leave = gate.enter({ demands, share: tenant, weight: 1, cost, priority: 0, queue: bounds }, { admitted, refused: never });
        isEntered = true;
      },
    };
  };
}

function never(): void {
  throw new Error("the queue is long enough for all");
}

/** In the order of arrival, as most queues are. */
export function firstComeFirstServed(slots: number): () => Queue {
  return () => {
    const waiting: (() => void)[] = [];
    let running = 0;
    const done = (): void => {
      running -= 1;
      waiting.shift()?.();
    };
    return {
      enter(_tenant, _tokens, begin) {
        const start = (): void => {
          running += 1;
          begin(done);
        };
        if (running < slots) start();
        else waiting.push(start);
      },
    };
  };
}
