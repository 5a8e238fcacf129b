import { test } from "node:test";

import { runSimulations } from "./model/run-simulations.ts";

test("no sequence of holds, ends, crashes, grants and clock changes exceeds a limit, is free or stays held", (t) => {
  const { admitted, refused } = runSimulations(200, 200);
  t.diagnostic(`${admitted} calls admitted, ${refused} refused`);
});
