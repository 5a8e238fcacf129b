import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import type { KeyHash } from "../../src/memory/key-hash.ts";
import { KeyIndex } from "../../src/memory/key-index.ts";
import { SlotOrder } from "../../src/memory/slot-order.ts";
import { WindowSlab } from "../../src/memory/window-slab.ts";

test("an index finds exactly what was added and not removed, however hashes collide", () => {
  const hash = (key: number): KeyHash => ({ low: key % 5 === 0 ? 0xffff_ffff : key % 7, high: key }) as KeyHash;
  const step = fc.record({ key: fc.nat({ max: 30 }), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const index = new KeyIndex(16);
      const order = new SlotOrder(16);
      const model = new Map<number, number>();
      for (const { key, remove } of steps) {
        const slot = model.get(key);
        if (remove && slot !== undefined) {
          index.remove(slot);
          order.giveBack(slot);
          model.delete(key);
        } else if (!remove && slot === undefined) {
          const taken = order.take();
          if (taken === undefined) assert.equal(model.size, 16);
          else index.add(hash(key), model.set(key, taken).get(key) ?? -1);
        } else if (slot !== undefined) {
          order.touch(slot);
          model.delete(key);
          model.set(key, slot);
        }
        for (let each = 0; each <= 30; each += 1) assert.equal(index.find(hash(each)), model.get(each));
        assert.equal(order.size, model.size);
        assert.equal(order.first, model.values().next().value);
      }
    }),
    { numRuns: 80 },
  );
});

test("a window that absorbs another counts the larger of both at every later time", () => {
  const step = fc.record({ slot: fc.nat({ max: 1 }), skip: fc.nat({ max: 20 }), cost: fc.integer({ min: 1, max: 90_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat({ max: 40 }), (steps, rest) => {
      const slab = new WindowSlab(2);
      let slice = 0;
      for (const { slot, skip, cost } of steps) {
        slice += skip;
        slab.add(slot, slice, cost);
      }
      slice += rest;
      const expected = Array.from({ length: 40 }, (_, later) => Math.max(slab.total(0, slice + later), slab.total(1, slice + later)));
      slab.absorb(0, 1);
      assert.deepEqual(
        expected.map((_, later) => slab.total(1, slice + later)),
        expected,
      );
      slab.add(1, slice + 40, 3);
      assert.equal(slab.total(1, slice + 40), 3);
    }),
    { numRuns: 300 },
  );
});

test("windows count the same whatever the size of the numbers", () => {
  const step = fc.record({ slot: fc.nat({ max: 2 }), skip: fc.nat({ max: 40 }), cost: fc.nat({ max: 9 }), back: fc.nat({ max: 40 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(1, 9_000, 700_000_000, 60_000_000_000_000), (steps, unit) => {
      const slab = new WindowSlab(3);
      const model = [0, 1, 2].map(() => new Map<number, number>());
      let slice = 5;
      for (const { slot, skip, cost, back } of steps) {
        slice += skip;
        slab.add(slot, slice, cost * unit);
        const counts = model[slot] ?? new Map<number, number>();
        counts.set(slice, (counts.get(slice) ?? 0) + cost * unit);
        const taken = Math.max(0, slice - back);
        if (back < 33) {
          slab.subtract(slot, taken, unit);
          counts.set(taken, Math.max(0, (counts.get(taken) ?? 0) - unit));
        }
        for (const [each, of] of model.entries()) {
          const live = [...of].filter(([at]) => at > slice - 33);
          assert.equal(
            slab.total(each, slice),
            live.reduce((sum, [, count]) => sum + count, 0),
          );
        }
      }
    }),
    { numRuns: 80 },
  );
});
