import type { TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

/** The time of this process, which passes only when a test says so. */
export interface ClockByHand {
  /** Lets this many milliseconds pass, one in each turn of the event loop. */
  advance(ms: number): Promise<void>;
}

/** Stops `setTimeout` and `performance.now()` until the test is over. */
export function clockByHand(t: TestContext): ClockByHand {
  let nowMs = 1_000;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(performance, "now", () => nowMs);
  return {
    async advance(ms) {
      for (let passed = 0; passed < ms; passed += 1) {
        nowMs += 1;
        t.mock.timers.tick(1);
        await turn();
      }
    },
  };
}
