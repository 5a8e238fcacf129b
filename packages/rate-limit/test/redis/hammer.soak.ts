import { test } from "node:test";

import { needsRedis } from "@aivillage/testing";

import { hammer } from "./hammering.ts";

test("four processes together never get more than the limits of one, for 30 seconds", needsRedis, async (context) => {
  const { accepted, fullest } = await hammer(30_000);
  context.diagnostic(`${accepted} accepted; the fullest windows held ${fullest.join(" and ")}`);
});
