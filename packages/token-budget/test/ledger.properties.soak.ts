import { test } from "node:test";

import { runSimulations } from "./model/run-simulations.ts";

test("no sequence of holds, ends, crashes, grants and clock changes exceeds a limit, is free or stays held: two million steps", (t) => {
  const { admitted, refused } = runSimulations(4_000, 1_000);
  t.diagnostic(`${admitted} calls admitted, ${refused} refused`);
});
