/**
 * What bodies may cost, in processor time: every bound is a multiple of what an innocent one costs in the same minute, and what is
 * beyond it has to be so five times in a row.
 * Run: `pnpm test:soak`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { comparesAll, costlyBodies, tooManyMembers } from "./costly-bodies.ts";
import { anything, postTo, serve } from "./problem-app.ts";

const tries = 5;
/** Ends of the scale that a clock of a millisecond cannot tell apart. */
const leastMs = 5;

/** Milliseconds of processor time, the better of two rounds. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1_000);
  }
  return Math.min(...costs);
}

/** True when a cost is more than so many times that of the baseline, whenever both are measured. */
async function isAbove(times: number, measure: () => Promise<number>, baseline: () => Promise<number>): Promise<boolean> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if ((await measure()) <= times * (await baseline()) + leastMs) return false;
  }
  return true;
}

/** An ordinary question, repeated to this length. */
const innocent = (length: number): string => "What did the village decide about the new well, and when? ".repeat(Math.ceil(length / 58));

test("a million digits, brackets, escapes or keys cost little time", async () => {
  await using app = await serve({ body: anything });
  await using strict = await serve({ body: comparesAll });
  const plain = (): Promise<number> => cost(() => postTo(app, [innocent(9_000)].concat(Array.from({ length: 99 }, () => innocent(9_000)))));
  const dear: string[] = [];
  for (const [name, text, status] of costlyBodies) {
    const measure = (): Promise<number> => cost(async () => assert.equal((await postTo(app, text)).status, status));
    if (await isAbove(15, measure, plain)) dear.push(name);
  }
  const compare = (): Promise<number> => cost(async () => assert.equal((await postTo(strict, tooManyMembers)).status, 422));
  if (await isAbove(15, compare, plain)) dear.push("a schema that compares all members");
  assert.deepEqual(dear, []);
});
