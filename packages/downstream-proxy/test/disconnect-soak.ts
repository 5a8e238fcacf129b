/**
 * Every phase in which the other side can leave, 200 times, and 20,000 aborted requests.
 * Run: `npm run test:soak`. Fails when a close took longer than 50 ms, or handles or heap have grown. A time in which the event loop did not
 * run is the machine's, and does not count.
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";

import { abortMany, resources } from "./abort-many.ts";
import { kinds, leave, phases } from "./disconnect-scenes.ts";
import { LoopPauses } from "./loop-pauses.ts";

const { values } = parseArgs({
  options: { repetitions: { type: "string", default: "200" }, aborts: { type: "string", default: "20000" } },
});
const repetitions = Number(values.repetitions);
const boundMs = 50;
let slow = 0;

for (const phase of phases) {
  for (const kind of kinds) {
    const times: number[] = [];
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      const pauses = new LoopPauses();
      const tookMs = await leave(phase, kind, () => pauses.start());
      times.push(Math.max(0, tookMs - pauses.stop()));
    }
    times.sort((a, b) => a - b);
    const within = times.filter((time) => time <= boundMs).length;
    slow += repetitions - within;
    const [median, worst] = [times[Math.floor(repetitions / 2)] ?? 0, times.at(-1) ?? 0];
    const figures = `median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`;
    console.log(`${phase.padEnd(15)} ${kind.padEnd(7)} ${within} of ${repetitions} within ${boundMs} ms; ${figures}`);
  }
}

const { before, after, aborted } = await abortMany(Number(values.aborts));
console.log(`${aborted} aborted requests: handles ${before.handles} -> ${after.handles}, heap ${before.heapMiB} -> ${after.heapMiB} MiB`);
assert.equal(slow, 0, `${slow} closes took longer than ${boundMs} ms`);
assert.ok(after.handles <= before.handles, "handles have leaked");
assert.ok(after.heapMiB < before.heapMiB + 8, "the heap has grown");
console.log("at the end:", resources());
