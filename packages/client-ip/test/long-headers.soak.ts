/**
 * A header is read in linear time: one of 64 KiB may cost no more than about four times one of 16 KiB, measured one after the other,
 * and has to be dearer five times in a row to fail.
 * Run: `pnpm test:soak`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { hostileParts, readLong } from "./long-headers.ts";

/** Milliseconds of processor time, the best of five. */
function cost(part: string, length: number): number {
  let best = Infinity;
  for (let round = 0; round < 5; round += 1) {
    const before = process.cpuUsage();
    for (let repetition = 0; repetition < 20; repetition += 1) readLong(part, length);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

for (const part of hostileParts) {
  test(`a header of ${JSON.stringify(part)} is read in linear time`, (context) => {
    const figures: string[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const [short, long] = [cost(part, 16_384), cost(part, 65_536)];
      figures.push(`${short.toFixed(1)} and ${long.toFixed(1)} ms`);
      if (long > 8 * short + 5) continue;
      context.diagnostic(figures.join(", "));
      return;
    }
    assert.fail(figures.join(", "));
  });
}
