import assert from "node:assert/strict";
import { test } from "node:test";

import { needsRedis } from "@aivillage/testing";

import { hammer } from "./hammering.ts";

test("four processes together never get more than the limits of one", needsRedis, async () => {
  const { accepted } = await hammer(1_200);
  assert.ok(accepted > 60, String(accepted));
});
