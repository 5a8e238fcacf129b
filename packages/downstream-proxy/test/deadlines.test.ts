import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { Deadlines, type Timed } from "../src/attempts/deadlines.ts";

/** A member that notes when it expires. */
function member(name: string, expired: string[]): Timed {
  return { dueAt: 0, earlier: undefined, later: undefined, expire: () => void expired.push(name) };
}

test("members expire in the order of their time, whatever the order in which they were set", async () => {
  const deadlines = new Deadlines();
  const expired: string[] = [];
  const now = performance.now();
  for (const [name, inMs] of [
    ["c", 30],
    ["a", 10],
    ["d", 40],
    ["b", 20],
  ] as const)
    deadlines.set(member(name, expired), now + inMs);
  await new Promise((resolve) => deadlines.set({ ...member("", []), expire: resolve }, now + 50));
  assert.deepEqual(expired, ["a", "b", "c", "d"]);
});

test("a member that was cleared or set again does not expire at its old time", async () => {
  const deadlines = new Deadlines();
  const expired: string[] = [];
  const [cleared, moved] = [member("cleared", expired), member("moved", expired)];
  const now = performance.now();
  deadlines.set(cleared, now + 5);
  deadlines.set(moved, now + 5);
  deadlines.clear(cleared);
  deadlines.clear(cleared);
  deadlines.set(moved, now + 60_000);
  await new Promise((resolve) => deadlines.set({ ...member("", []), expire: resolve }, now + 30));
  assert.deepEqual(expired, []);
  deadlines.clear(moved);
});

test("a time that never comes sets nothing, and takes back the one before", async () => {
  const deadlines = new Deadlines();
  const expired: string[] = [];
  const endless = member("endless", expired);
  deadlines.set(endless, performance.now() + 5);
  deadlines.set(endless, Infinity);
  await new Promise((resolve) => deadlines.set({ ...member("", []), expire: resolve }, performance.now() + 30));
  assert.deepEqual(expired, []);
});

test("whatever is set and cleared, the list stays in order and complete", () => {
  const step = fc.record({ index: fc.nat(7), inMs: fc.option(fc.integer({ min: 60_000, max: 90_000 }), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const deadlines = new Deadlines();
      const members = Array.from({ length: 8 }, () => member("", []));
      const set = new Set<Timed>();
      for (const { index, inMs } of steps) {
        const one = members[index] ?? member("", []);
        if (inMs === undefined) deadlines.clear(one);
        else deadlines.set(one, performance.now() + inMs);
        if (inMs === undefined) set.delete(one);
        else set.add(one);
      }
      const first = members.filter((one) => set.has(one) && one.earlier === undefined);
      const listed: Timed[] = [];
      for (let one = first[0]; one !== undefined; one = one.later) listed.push(one);
      assert.equal(first.length, set.size === 0 ? 0 : 1);
      assert.equal(listed.length, set.size);
      assert.deepEqual(
        listed.map(({ dueAt }) => dueAt),
        listed.map(({ dueAt }) => dueAt).toSorted((a, b) => a - b),
      );
      for (const one of set) deadlines.clear(one);
    }),
  );
});
