import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { type Charge, MemoryStore } from "../../src/index.ts";

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 10, windowMs: 1_000, cost: 1, ...members });

function storeWithClock(maxKeys = 100) {
  const clock = { now: 0 };
  const store = new MemoryStore({ maxKeys, now: () => clock.now });
  const take = (members: Partial<Charge> = {}): boolean => store.decide([charge(members)]).allowed;
  const accept = (count: number, members: Partial<Charge> = {}): number =>
    Array.from({ length: count }, () => take(members)).filter(Boolean).length;
  return { clock, store, take, accept };
}

test("ten of ten at the end of a window leave nothing for the start of the next", () => {
  const { clock, accept } = storeWithClock();
  for (const [end, start] of [
    [999, 1_000],
    [1_999, 2_000],
    [59_999, 60_000],
  ] as const) {
    clock.now += 10_000;
    const base = clock.now;
    clock.now = base + end;
    assert.equal(accept(20), 10);
    clock.now = base + start;
    assert.equal(accept(20), 0);
    clock.now = base + end + 999;
    assert.equal(accept(20), 0);
    clock.now = base + end + 1_032;
    assert.equal(accept(20), 10);
  }
});

test("a refused request is not charged and prolongs nothing", () => {
  const { clock, store, take, accept } = storeWithClock();
  assert.equal(accept(10), 10);
  const wait = store.decide([charge()]).verdicts[0]?.resetMs ?? 0;
  assert.ok(wait >= 1_000 && wait <= 1_032, String(wait));
  while (clock.now + 1 < wait) {
    clock.now += 1;
    assert.equal(take(), false);
  }
  clock.now += 1;
  assert.equal(accept(20), 10);
});

test("verdicts say what is left and when there is more", () => {
  const { clock, store } = storeWithClock();
  clock.now = 500;
  assert.deepEqual(store.decide([charge({ cost: 0 })]), {
    allowed: true,
    atMs: 500,
    verdicts: [{ exceeded: false, remaining: 10, resetMs: 0 }],
  });
  assert.deepEqual(store.decide([charge({ cost: 4 })]).verdicts, [{ exceeded: false, remaining: 6, resetMs: 1_032 }]);
  clock.now = 750;
  assert.deepEqual(store.decide([charge({ cost: 4 })]).verdicts, [{ exceeded: false, remaining: 2, resetMs: 782 }]);
  assert.deepEqual(store.decide([charge({ cost: 7 })]).verdicts, [{ exceeded: true, remaining: 2, resetMs: 1_032 }]);
  assert.deepEqual(store.decide([charge({ cost: 11 })]).verdicts, [{ exceeded: true, remaining: 2, resetMs: Infinity }]);
  assert.deepEqual(store.decide([charge({ key: "fresh", cost: 11 })]).verdicts, [{ exceeded: true, remaining: 10, resetMs: Infinity }]);
});

test("policies and keys are counted apart", () => {
  const { accept } = storeWithClock();
  assert.equal(accept(20), 10);
  assert.equal(accept(20, { key: "b" }), 10);
  assert.equal(accept(20, { policy: "user" }), 10);
});

test("a clock that goes back stops the time and frees nothing", () => {
  const { clock, accept } = storeWithClock();
  clock.now = 5_000;
  assert.equal(accept(5), 5);
  clock.now = 0;
  assert.equal(accept(20), 5);
  clock.now = 1_100;
  assert.equal(accept(20), 0);
  clock.now = 6_032;
  assert.equal(accept(20), 10);
});

test("a refund gives back exactly what was charged, as long as it counts", () => {
  const { clock, store, accept } = storeWithClock();
  const first = store.decide([charge({ cost: 6 })]);
  clock.now = 500;
  assert.equal(accept(20), 4);
  store.refund([charge({ cost: 6 })], first);
  assert.equal(accept(20), 6);
  clock.now = 1_200;
  store.refund([charge({ cost: 6 })], first);
  assert.equal(accept(20), 0);
  store.refund([charge({ key: "nobody" }), charge({ policy: "none" })], first);
});

test("a refund that comes after the window changes nothing", () => {
  const { clock, store, accept } = storeWithClock();
  const decision = store.decide([charge({ cost: 6 })]);
  clock.now = 1_040;
  assert.equal(accept(20), 10);
  store.refund([charge({ cost: 6 })], decision);
  assert.equal(accept(20), 0);
});

test("a refund after a reset makes no credit", () => {
  const { store, accept } = storeWithClock();
  const decision = store.decide([charge({ cost: 6 })]);
  store.reset("ip", "a");
  assert.equal(accept(2), 2);
  store.refund([charge({ cost: 6 })], decision);
  assert.equal(accept(20), 10);
});

test("a reset forgets one key of one policy", () => {
  const { store, accept } = storeWithClock();
  const long = "x".repeat(5_000);
  for (const key of ["a", "b", long]) assert.equal(accept(20, { key }), 10);
  store.reset("ip", "a");
  store.reset("ip", long);
  store.reset("none", "a");
  assert.deepEqual(
    ["a", "b", long].map((key) => accept(20, { key })),
    [10, 0, 10],
  );
});

test("keys of any length and content are distinguished", () => {
  const { accept } = storeWithClock();
  const long = "x".repeat(5_000);
  for (const key of ["", "\0", "\ud800", "\ud801", long, `${long}y`, "é", "e\u0301"]) assert.equal(accept(20, { key }), 10, key);
  assert.equal(accept(1, { key: long }), 0);
});

test("a flood of keys stays within maxKeys and wipes no count", () => {
  const { store, accept, take } = storeWithClock(50);
  assert.equal(accept(20, { key: "victim" }), 10);
  assert.equal(accept(20, { key: "attacker" }), 10);
  for (let flood = 0; flood < 5_000; flood += 1) take({ key: `flood-${flood}` });
  assert.equal(store.size, 50);
  assert.equal(take({ key: "victim" }), false);
  assert.equal(take({ key: "attacker" }), false);
});

test("in a flood a new key may get less than the limit, never more, also when it gets its own window", () => {
  const { clock, store, accept } = storeWithClock(1);
  assert.equal(accept(1, { key: "resident" }), 1);
  clock.now = 800;
  assert.equal(accept(6, { key: "newcomer" }), 6);
  clock.now = 1_100;
  assert.equal(accept(20, { key: "newcomer" }), 4, "in the place of the expired resident, but still with the 6");
  assert.equal(store.size, 1);
  clock.now = 1_812;
  assert.equal(accept(20, { key: "newcomer" }), 0);
  clock.now = 1_813;
  assert.equal(accept(20, { key: "newcomer" }), 6);
});

test("a new client is served while three times as many keys are in use as fit, and the busiest keep their counts", () => {
  const { accept, take } = storeWithClock(20_000);
  assert.equal(accept(20, { key: "busy" }), 10);
  for (let flood = 0; flood < 60_000; flood += 1) take({ key: `flood-${flood}` });
  for (let client = 0; client < 500; client += 1) assert.equal(take({ key: `honest-${client}` }), true, `honest-${client}`);
  assert.equal(take({ key: "busy" }), false);
});

test("a key that was evicted gets no more of its limit back than has left the window", () => {
  const { clock, accept, take } = storeWithClock(1);
  assert.equal(accept(7, { key: "evicted" }), 7);
  clock.now = 400;
  for (let flood = 0; flood < 5_000; flood += 1) take({ key: `flood-${flood}` });
  assert.ok(accept(20, { key: "evicted" }) <= 3);
});

test("a flood of one policy does not touch the keys of another", () => {
  const { accept, take } = storeWithClock(50);
  for (let flood = 0; flood < 5_000; flood += 1) take({ key: `flood-${flood}` });
  for (let user = 0; user < 50; user += 1) assert.equal(accept(20, { policy: "user", key: `user-${user}` }), 10);
});

test("refused and free requests of new keys take no memory", () => {
  const { store, take } = storeWithClock();
  for (let key = 0; key < 50; key += 1) {
    assert.equal(take({ key: `dear-${key}`, cost: 11 }), false);
    assert.equal(take({ key: `free-${key}`, cost: 0 }), true);
  }
  assert.equal(store.size, 0);
});

test("expired keys make room for new ones", () => {
  const { clock, store, take } = storeWithClock(100);
  for (let round = 0; round < 5; round += 1) {
    for (let key = 0; key < 100; key += 1) assert.ok(take({ key: `${round}-${key}`, limit: 1 }));
    assert.equal(store.size, 100);
    clock.now += 1_032;
  }
});

test("a key that is used all the time is kept when older ones expire", () => {
  const { clock, store, take } = storeWithClock(100);
  for (let step = 0; step < 40; step += 1) {
    take({ key: "regular" });
    take({ key: `passer-by-${step}` });
    clock.now += 100;
  }
  assert.ok(store.size <= 13, String(store.size));
  assert.ok(store.decide([charge({ key: "regular", cost: 0 })]).verdicts[0]?.remaining !== 10);
});

test("expired keys leave without another request, until close()", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    const { clock, store, take } = storeWithClock(10);
    for (let key = 0; key < 20; key += 1) take({ key: `k${key}` });
    assert.equal(store.size, 10);
    mock.timers.tick(5_000);
    assert.equal(store.size, 10, "live keys stay");
    clock.now = 1_032;
    mock.timers.tick(5_000);
    assert.equal(store.size, 0);
    assert.ok(take());
    store.close();
    clock.now += 5_000;
    mock.timers.tick(5_000);
    assert.equal(store.size, 1);
    assert.ok(take(), "the store still works");
  } finally {
    mock.timers.reset();
  }
});

test("the default clock runs by itself", async () => {
  const store = new MemoryStore();
  assert.equal(store.decide([charge({ windowMs: 500, limit: 1 })]).allowed, true);
  const [verdict] = store.decide([charge({ windowMs: 500, limit: 1 })]).verdicts;
  assert.equal(verdict?.exceeded, true);
  await new Promise((resolve) => setTimeout(resolve, (verdict?.resetMs ?? 0) + 1));
  assert.equal(store.decide([charge({ windowMs: 500, limit: 1 })]).allowed, true);
  store.close();
});
