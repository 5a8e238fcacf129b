import { test } from "node:test";

import { runSimulations } from "./model/run-simulations.ts";

const requested = Number(process.env["STEPS"] ?? 1_000_000);

test("no sequence of holds, ends, crashes, grants and clock changes exceeds a limit, is free or stays held: a million steps", (t) => {
  const done = { steps: 0, admitted: 0, refused: 0 };
  while (done.steps < requested) {
    const { steps, admitted, refused } = runSimulations(200, 1_000);
    done.steps += steps;
    done.admitted += admitted;
    done.refused += refused;
    process.stderr.write(`${done.steps} of ${requested} steps, no violation\n`);
  }
  t.diagnostic(`${done.steps} steps: ${done.admitted} calls admitted, ${done.refused} refused`);
});
