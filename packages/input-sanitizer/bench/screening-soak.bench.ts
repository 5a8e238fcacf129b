/**
 * Screens a million random and mutated texts: none may throw, none may take long.
 * Run: `pnpm test:soak [texts]`.
 */
import * as fc from "fast-check";

import { screen } from "../src/index.ts";
import { hostileText } from "../test/adversarial.ts";

const texts = Number(process.argv[2] ?? 1_000_000);
const slowestAllowedMs = 250;
let slowest = 0;
const start = performance.now();

fc.assert(
  fc.property(hostileText(60), fc.constantFrom("strict", "prose"), (text, profile) => {
    const before = performance.now();
    screen(text, { profile });
    slowest = Math.max(slowest, performance.now() - before);
    return slowest < slowestAllowedMs;
  }),
  { numRuns: texts },
);
const seconds = (performance.now() - start) / 1000;
console.log(`${texts} texts in ${seconds.toFixed(0)} s, none threw, the slowest took ${slowest.toFixed(1)} ms`);
