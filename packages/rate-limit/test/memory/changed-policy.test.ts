import assert from "node:assert/strict";
import { mock, test } from "node:test";

import * as fc from "fast-check";

import { type Charge, createLimiter, MemoryStore } from "../../src/index.ts";
import { runs } from "./runs.ts";

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 10, windowMs: 1_000, cost: 1, ...members });

function storeWithClock(maxKeys = 100) {
  const clock = { now: 0 };
  const store = new MemoryStore({ maxKeys, now: () => clock.now });
  const accept = (count: number, members: Partial<Charge> = {}): number =>
    Array.from({ length: count }, () => store.decide([charge(members)]).allowed).filter(Boolean).length;
  return { clock, store, accept };
}

test("a new limit holds at once, for what was counted before too", () => {
  const { clock, accept } = storeWithClock();
  assert.equal(accept(20), 10);
  assert.equal(accept(20, { limit: 15 }), 5);
  assert.equal(accept(20, { limit: 3 }), 0);
  clock.now = 1_032;
  assert.equal(accept(20, { limit: 3 }), 3);
});

test("a longer window starts with what the shorter one counts, a shorter one with what lies within it", () => {
  const { clock, accept } = storeWithClock();
  assert.equal(accept(4), 4);
  clock.now = 900;
  assert.equal(accept(4), 4);
  assert.equal(accept(20, { windowMs: 10_000 }), 2);
  clock.now = 9_000;
  assert.equal(accept(20, { windowMs: 10_000 }), 0);
  assert.equal(accept(20, { windowMs: 500 }), 10, "nothing of it lies within the last half second");
});

test("while both windows are asked for, each counts all", () => {
  const { clock, accept } = storeWithClock();
  assert.equal(accept(3, { windowMs: 500 }), 3);
  assert.equal(accept(3, { windowMs: 5_000 }), 3);
  assert.equal(accept(20, { windowMs: 500 }), 4);
  assert.equal(accept(20, { windowMs: 5_000 }), 0);
  clock.now = 600;
  assert.equal(accept(7, { windowMs: 500 }), 7);
  assert.equal(accept(20, { windowMs: 5_000, limit: 20 }), 3, "10 before and 7 now");
});

test("a refund of a charge under the old window counts under the new one", () => {
  const { store, accept } = storeWithClock();
  const old = store.decide([charge({ cost: 6 })]);
  assert.equal(accept(1, { windowMs: 2_000 }), 1);
  store.refund([charge({ cost: 6 })], old);
  assert.equal(accept(20, { windowMs: 2_000 }), 9);
});

test("a flood of keys is carried over like single ones", () => {
  const { accept } = storeWithClock(20);
  for (let key = 0; key < 20; key += 1) assert.equal(accept(20, { key: `own ${key}` }), 10);
  // Once in 1,024 runs the key that it evicts has used all of the window they then share, so only the first charge is accepted.
  assert.ok([1, 10].includes(accept(20, { key: "sharing a window" })));
  for (let key = 0; key < 20; key += 1) assert.equal(accept(20, { key: `own ${key}`, windowMs: 3_000 }), 0);
  assert.equal(accept(20, { key: "sharing a window", windowMs: 3_000 }), 0);
});

test("a window that nobody has asked for in a minute is given up, and eight at once are kept", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    const { clock, store, accept } = storeWithClock();
    assert.equal(accept(10, { windowMs: 100 }), 10);
    assert.equal(accept(0, { windowMs: 100_000 }), 0);
    store.decide([charge({ windowMs: 100_000, cost: 0 })]);
    clock.now = 70_000;
    store.decide([charge({ windowMs: 100, cost: 0 })]);
    mock.timers.tick(5_000);
    assert.equal(accept(20, { windowMs: 100_000 }), 10, "known from the short window alone");
    for (let windowMs = 1_000; windowMs < 1_020; windowMs += 1) assert.equal(accept(1, { windowMs }), 0);
    store.close();
  } finally {
    mock.timers.reset();
  }
});

test("a new handler on the same store continues where the previous one stopped", async () => {
  const store = new MemoryStore({ now: () => 0 });
  const before = createLimiter({ policies: [{ name: "ip", limit: 10, windowMs: 60_000 }], store });
  const reservation = await before.reserve("ann", 8);
  before.close();
  const after = createLimiter({ policies: [{ name: "ip", limit: 9, windowMs: 30_000 }], store });
  assert.equal((await after.consume("ann", 2)).allowed, false);
  await reservation.settle(5);
  assert.equal((await after.consume("ann", 4)).result?.remaining, 0);
  after.close();
  store.close();
});

test("whatever limits and windows come in turn, what is accepted never exceeds the limit of that moment in the window of that moment", () => {
  const lengths = [4_000, 2_500, 1_000, 300, 100] as const;
  const step = fc.record({
    gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1_500 })),
    length: fc.nat({ max: lengths.length - 1 }),
    limit: fc.integer({ min: 1, max: 12 }),
    cost: fc.integer({ min: 1, max: 3 }),
    key: fc.constantFrom("a", "b", "c"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 4 }), (steps, maxKeys) => {
      const { clock, store } = storeWithClock(maxKeys);
      // A window longer than any before cannot know what had left those; so the longest comes first.
      store.decide([charge({ windowMs: lengths[0], cost: 0 })]);
      const accepted: { atMs: number; key: string; cost: number }[] = [];
      for (const { gap, length, limit, cost, key } of steps) {
        clock.now += gap;
        const windowMs = lengths[length] ?? lengths[0];
        if (!store.decide([charge({ key, windowMs, limit, cost })]).allowed) continue;
        accepted.push({ atMs: clock.now, key, cost });
        const within = accepted.filter((one) => one.key === key && one.atMs >= clock.now - windowMs);
        assert.ok(within.reduce((sum, one) => sum + one.cost, 0) <= limit);
      }
      store.close();
    }),
    runs(40),
  );
});
