import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

import { MemoryStore } from "../../src/index.ts";

test("in 1,000,000 requests with random costs and bursts, no trailing window exceeds a limit and no steady client is refused", () => {
  let now = 0;
  const store = new MemoryStore({ now: () => now });
  const policies = [
    { policy: "short", limit: 25, windowMs: 700 },
    { policy: "long", limit: 90, windowMs: 5_000 },
  ];
  let random = 11;
  const draw = (below: number): number => (random = (random * 48_271) % 2_147_483_647) % below;
  const accepted = [0, 1, 2, 3].map(() => policies.map(({ windowMs, limit }) => new Trailing(windowMs, limit)));
  // One in 60 ms makes 84 in a window: 94.4 % of the limit.
  const steady = { policy: "steady", key: "steady", limit: 89, windowMs: 5_040, cost: 1 };
  let steadyAtMs = 0;
  for (let sent = 0; sent < 1_000_000; sent += 1) {
    if (draw(8) === 0) {
      const next = now + draw(400);
      for (; steadyAtMs <= next; steadyAtMs += 60) {
        now = steadyAtMs;
        assert.ok(store.decide([steady]).allowed, `the steady client was refused at ${now} ms`);
      }
      now = next;
    }
    const client = draw(4);
    const asked = policies.map(({ policy, limit, windowMs }) => ({ policy, limit, windowMs, key: String(client), cost: 1 + (sent % 5) }));
    if (!store.decide(asked).allowed) continue;
    for (const trailing of accepted[client] ?? []) trailing.add(now, 1 + (sent % 5));
  }
  for (const [short, long] of accepted) assert.ok((short?.most ?? 0) > 20 && (long?.most ?? 0) > 80, "the limits were put to the test");
  store.close();
});

/** Adds up what was accepted in the trailing window, both ends included. */
class Trailing {
  most = 0;
  readonly #windowMs: number;
  readonly #limit: number;
  #entries: [atMs: number, cost: number][] = [];
  #sum = 0;

  constructor(windowMs: number, limit: number) {
    this.#windowMs = windowMs;
    this.#limit = limit;
  }

  add(atMs: number, cost: number): void {
    this.#entries.push([atMs, cost]);
    this.#sum += cost;
    while ((this.#entries[0]?.[0] ?? atMs) < atMs - this.#windowMs) this.#sum -= this.#entries.shift()?.[1] ?? 0;
    this.most = Math.max(this.most, this.#sum);
    assert.ok(this.#sum <= this.#limit, `${this.#sum} of ${this.#limit} in ${this.#windowMs} ms at ${atMs} ms`);
  }
}

test("1,000,000 addresses held at once cost at most 200 MiB", async () => {
  const child = fork(join(import.meta.dirname, "million-keys.process.ts"), { execArgv: ["--conditions=@aivillage/source"] });
  const [{ held, rssMib }] = (await once(child, "message")) as [{ held: number; rssMib: number }];
  assert.equal(held, 1_000_000);
  assert.ok(rssMib < 200, `${rssMib} MiB`);
});
