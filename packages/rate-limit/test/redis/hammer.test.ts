import assert from "node:assert/strict";
import { test } from "node:test";

import { needsRedis } from "@aivillage/testing";

import { hammer } from "./hammering.ts";

test("four processes together never get more than the limits of one", needsRedis, async () => {
  const { accepted } = await hammer(2_000);
  assert.ok(accepted > 100, String(accepted));
});
