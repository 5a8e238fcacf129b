import assert from "node:assert/strict";
import { test } from "node:test";

import { fairQueue, firstComeFirstServed, jainIndex, serveTenants } from "../bench/simulation/tenants.ts";

const slots = 8;

test("one tenant with 100 clients gets no more tokens than nine with one, and hardly delays them", () => {
  const { jain, quietWaitP95 } = serveTenants(fairQueue(slots), 60, 1);
  assert.ok(jain >= 0.95, `Jain index ${jain}`);
  assert.ok(quietWaitP95 <= 2, `${quietWaitP95} service times`);
});

test("the same tenants in the order of arrival are far from that, so the measure can fail", () => {
  const { jain, quietWaitP95 } = serveTenants(firstComeFirstServed(slots), 60, 1);
  assert.ok(jain < 0.2, `Jain index ${jain}`);
  assert.ok(quietWaitP95 > 5, `${quietWaitP95} service times`);
});

test("the Jain index of equal values is 1, and of one that has all 1 / n", () => {
  assert.equal(jainIndex([3, 3, 3]), 1);
  assert.equal(jainIndex([5, 0, 0, 0, 0]), 0.2);
});
