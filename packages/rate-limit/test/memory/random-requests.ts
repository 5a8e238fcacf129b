import assert from "node:assert/strict";

import * as fc from "fast-check";

import { MemoryStore } from "../../src/index.ts";

const clients = 4;
const batch = fc.record({
  /** Milliseconds since the batch before. */
  gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 800 })),
  client: fc.nat({ max: clients - 1 }),
  costs: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 40 }),
});
const policies = fc.record({
  short: fc.record({ limit: fc.integer({ min: 1, max: 40 }), windowMs: fc.integer({ min: 100, max: 1_000 }) }),
  long: fc.record({ limit: fc.integer({ min: 1, max: 120 }), windowMs: fc.integer({ min: 1_000, max: 9_000 }) }),
  steady: fc.record({ limit: fc.integer({ min: 1, max: 150 }), windowMs: fc.integer({ min: 100, max: 6_000 }) }),
  startMs: fc.integer({ min: 0, max: 2 ** 41 }),
});

/**
 * Sends bursts of random costs under random policies, among them a client that sends evenly at 94.9 % of a limit, on a simulated
 * clock. Fails when a trailing window holds more than a limit, or the steady client is refused; gives the number of requests.
 */
export function sendAtRandom(runs: number, batches: number): number {
  let sent = 0;
  fc.assert(
    fc.property(policies, fc.array(batch, { minLength: batches, maxLength: batches, size: "max" }), ({ startMs, ...limits }, list) => {
      let now = startMs;
      const store = new MemoryStore({ maxKeys: 16, now: () => now });
      const { short, long, steady } = limits;
      const accepted = Array.from({ length: clients }, () => [short, long].map((policy) => new Trailing(policy.windowMs, policy.limit)));
      const everyMs = steady.windowMs / (steady.limit * 0.949);
      let steadyMs = startMs;
      for (const { gap, client, costs } of list) {
        const next = now + gap;
        for (; steadyMs <= next; steadyMs += everyMs) {
          now = steadyMs;
          sent += 1;
          assert.ok(store.decide([{ ...steady, policy: "steady", key: "steady", cost: 1 }]).allowed, `steady client refused at ${now} ms`);
        }
        now = next;
        for (const cost of costs) {
          sent += 1;
          const charges = [
            { ...short, policy: "short", key: String(client), cost },
            { ...long, policy: "long", key: String(client), cost },
          ];
          if (!store.decide(charges).allowed) continue;
          for (const trailing of accepted[client] ?? []) trailing.add(now, cost);
        }
      }
      store.close();
    }),
    { numRuns: runs },
  );
  return sent;
}

/** Adds up what was accepted in the trailing window, both ends included. */
class Trailing {
  readonly #windowMs: number;
  readonly #limit: number;
  readonly #entries: [atMs: number, cost: number][] = [];
  #first = 0;
  #sum = 0;

  constructor(windowMs: number, limit: number) {
    this.#windowMs = windowMs;
    this.#limit = limit;
  }

  add(atMs: number, cost: number): void {
    this.#entries.push([atMs, cost]);
    this.#sum += cost;
    for (let oldest = this.#entries[this.#first]; oldest !== undefined && oldest[0] < atMs - this.#windowMs;) {
      this.#sum -= oldest[1];
      this.#first += 1;
      oldest = this.#entries[this.#first];
    }
    assert.ok(this.#sum <= this.#limit, `${this.#sum} of ${this.#limit} in ${this.#windowMs} ms at ${atMs} ms`);
  }
}
