import assert from "node:assert/strict";

import * as fc from "fast-check";

import { Ledger } from "../../src/memory/ledger.ts";
import { ClockByHand, Simulation } from "./simulation.ts";
import { steps } from "./steps.ts";

/** What simulations did. */
export interface SimulationTotals {
  readonly steps: number;
  readonly admitted: number;
  readonly refused: number;
}

/** Simulates random steps, and returns how many there were, and how many calls were admitted and refused. */
export function runSimulations(runs: number, stepsPerRun: number): SimulationTotals {
  const total = { steps: 0, admitted: 0, refused: 0 };
  const sequence = fc.array(steps, { minLength: 1, maxLength: stepsPerRun, size: "max" });
  fc.assert(
    fc.property(sequence, (all) => {
      const clock = new ClockByHand();
      const simulation = new Simulation(new Ledger(10_000, clock), clock);
      for (const step of all) simulation.step(step);
      simulation.end();
      total.steps += all.length;
      total.admitted += simulation.admitted;
      total.refused += simulation.refused;
    }),
    // A failure is shown as it comes: the sequences are too long to shrink while somebody waits.
    { numRuns: runs, endOnFailure: true },
  );
  assert.ok(total.admitted > runs && total.refused > runs / 10, JSON.stringify(total));
  return total;
}
