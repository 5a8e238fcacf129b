import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { type Charge, type Decision, MemoryStore } from "../../src/index.ts";
import { runs } from "./runs.ts";

const charge = (members: Partial<Charge>): Charge => ({ policy: "p", key: "a", limit: 1, windowMs: 1_000, cost: 1, ...members });

interface Accepted {
  atMs: number;
  cost: number;
}

/** The largest sum of costs in any window that reaches back `windowMs` from an accepted request, both ends included. */
function fullest(accepted: readonly Accepted[], windowMs: number): number {
  const sums = accepted.map(({ atMs: end }) =>
    accepted.reduce((sum, { atMs, cost }) => (atMs <= end && atMs >= end - windowMs ? sum + cost : sum), 0),
  );
  return Math.max(0, ...sums);
}

const windowMs = fc.integer({ min: 100, max: 5_000 });
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
/** Steps of time, from none over slices to whole windows, as parts of the window. */
const gap = fc.oneof(
  fc.constant(0),
  fraction.map((part) => part / 32),
  fraction.map((part) => part / 4),
  fraction.map((part) => part * 1.1),
  fc.constant(1),
);

/** A few keys that come often, so that they fill up, and many that come once, so that the table does. */
const key = fc.oneof(fc.constantFrom("a", "b"), fc.nat({ max: 50 }).map(String));

test("in any trailing window the accepted cost of each key stays within the limit, whatever comes and however full the table", () => {
  const step = fc.record({ gap, key, cost: fc.integer({ min: 0, max: 4 }) });
  fc.assert(
    fc.property(
      windowMs,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 6 }),
      fraction,
      fc.array(step, { maxLength: 250 }),
      (window, limit, maxKeys, start, steps) => {
        let now = start * 10_000;
        const store = new MemoryStore({ maxKeys, now: () => now });
        const accepted = new Map<string, Accepted[]>();
        for (const { gap: part, key: from, cost } of steps) {
          now += part * window;
          if (store.decide([charge({ key: from, cost, limit, windowMs: window })]).allowed) {
            accepted.set(from, [...(accepted.get(from) ?? []), { atMs: now, cost }]);
          }
          assert.ok(store.size <= maxKeys);
        }
        store.close();
        for (const list of accepted.values()) assert.ok(fullest(list, window) <= limit);
      },
    ),
    runs(40),
  );
});

test("a client that stays steadily below 95 % of the limit is never refused", () => {
  fc.assert(
    fc.property(
      windowMs,
      fc.integer({ min: 1, max: 300 }),
      fraction,
      fc.double({ min: 0.5, max: 0.949, noNaN: true }),
      (window, limit, start, share) => {
        let now = 0;
        const store = new MemoryStore({ maxKeys: 1_000, now: () => now });
        const every = window / (limit * share);
        for (let sent = 0; sent < 4 * limit; sent += 1) {
          now = start * 10_000 + sent * every;
          assert.ok(store.decide([charge({ limit, windowMs: window })]).allowed, `request ${sent}`);
        }
        store.close();
      },
    ),
    runs(26),
  );
});

test("waiting for Retry-After succeeds, a millisecond less does not, and asking meanwhile changes nothing", () => {
  const before = fc.array(fc.record({ gap, cost: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(
      windowMs,
      fc.integer({ min: 5, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      before,
      fc.boolean(),
      (window, limit, cost, steps, impatient) => {
        let now = 0;
        const store = new MemoryStore({ maxKeys: 1_000, now: () => now });
        for (const step of steps) {
          now += Math.floor(step.gap * window);
          store.decide([charge({ limit, windowMs: window, cost: step.cost })]);
        }
        const one = charge({ limit, windowMs: window, cost });
        while (store.decide([one]).allowed);
        const [verdict] = store.decide([one]).verdicts;
        assert.ok(verdict !== undefined && verdict.exceeded && verdict.resetMs > 0);
        const end = now + verdict.resetMs;
        const pause = impatient ? Math.ceil(window / 7) : end;
        while (now < end - 1) {
          now = Math.min(end - 1, now + pause);
          assert.equal(store.decide([one]).allowed, false);
        }
        now = end - 1;
        assert.equal(store.decide([one]).allowed, false);
        now = end;
        assert.equal(store.decide([one]).allowed, true);
        store.close();
      },
    ),
    runs(40),
  );
});

test("several charges are made all or none", () => {
  const step = fc.record({
    gap,
    costs: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
  });
  const windows = [400, 1_000, 2_500] as const;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 3, max: 9 }), (steps, limit) => {
      let now = 0;
      const store = new MemoryStore({ maxKeys: 1_000, now: () => now });
      const accepted: Accepted[][] = [[], [], []];
      for (const { gap: part, costs } of steps) {
        now += Math.floor(part * 1_000);
        const charges = windows.map((window, index) => charge({ policy: `p${index}`, windowMs: window, limit, cost: costs[index] ?? 0 }));
        const look = (): number[] => store.decide(charges.map((one) => ({ ...one, cost: 0 }))).verdicts.map(({ remaining }) => remaining);
        const left = look();
        const { allowed } = store.decide(charges);
        assert.equal(
          allowed,
          charges.every(({ cost }, index) => cost <= (left[index] ?? 0)),
        );
        assert.deepEqual(look(), allowed ? left.map((units, index) => units - (costs[index] ?? 0)) : left);
        if (allowed) costs.forEach((cost, index) => accepted[index]?.push({ atMs: now, cost }));
      }
      store.close();
      windows.forEach((window, index) => assert.ok(fullest(accepted[index] ?? [], window) <= limit));
    }),
    runs(20),
  );
});

test("with refunds, the cost that stayed never exceeds the limit in any trailing window", () => {
  const step = fc.record({ gap, cost: fc.integer({ min: 1, max: 4 }), refund: fc.option(fc.nat({ max: 20 }), { nil: undefined }) });
  fc.assert(
    fc.property(windowMs, fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 150 }), (window, limit, steps) => {
      let now = 0;
      const store = new MemoryStore({ maxKeys: 1_000, now: () => now });
      const accepted: (Accepted & Decision)[] = [];
      for (const { gap: part, cost, refund } of steps) {
        now += Math.floor(part * window);
        const decision = store.decide([charge({ cost, limit, windowMs: window })]);
        if (decision.allowed) accepted.push({ ...decision, cost });
        const [given] = refund === undefined ? [] : accepted.splice(refund, 1);
        if (given !== undefined) store.refund([charge({ cost: given.cost, limit, windowMs: window })], given);
      }
      store.close();
      assert.ok(fullest(accepted, window) <= limit);
    }),
    runs(26),
  );
});
