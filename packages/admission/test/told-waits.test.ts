import assert from "node:assert/strict";
import { test } from "node:test";

import type { Random } from "../bench/simulation/random.ts";
import { toldWaits, withinTwice } from "../bench/simulation/told-waits.ts";

const meanMs = 40;
const sigma = 0.8;
const services: Readonly<Record<string, (random: Random) => number>> = {
  exponential: (random) => random.exponential(meanMs),
  "log-normal": (random) => random.logNormal(meanMs / Math.exp(sigma ** 2 / 2), sigma),
};

for (const [name, serviceMs] of Object.entries(services)) {
  test(`of waits that refusals name when 20 requests wait, 95 % are within twice the true one: ${name} service times`, () => {
    const within = withinTwice(toldWaits({ slots: 4, queue: 20, serviceMs, meanMs, refusals: 10_000, seed: 3 }));
    assert.ok(within >= 0.95, `${within} within twice`);
  });

  test(`when one request waits, estimated waits are as good as those that use the true mean service time: ${name}`, () => {
    const [slots, queue] = [4, 1];
    const waits = toldWaits({ slots, queue, serviceMs, meanMs, refusals: 10_000, seed: 3 });
    const known = waits.map(({ trueMs }) => ({ toldMs: ((queue + 1) * meanMs) / slots, trueMs }));
    assert.ok(
      withinTwice(waits) >= withinTwice(known) - 0.05,
      `${withinTwice(waits)} within twice, ${withinTwice(known)} of those who know`,
    );
  });
}
