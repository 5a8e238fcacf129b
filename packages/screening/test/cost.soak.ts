/**
 * What texts may cost, in processor time: every bound is a multiple of what an innocent one of the same kind costs in the
 * same minute, and what is beyond it has to be so five times in a row.
 * Run: `pnpm test:soak`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { screen } from "../src/index.ts";
import { pieces } from "./adversarial.ts";
import { ruleCases } from "./rule-cases.ts";
import { findsTheSameTwice, judgesSlicesAlike, strictRefusesMore } from "./screening-properties.ts";

const tries = 5;
/** Ends of the scale that a clock of a millisecond cannot tell apart. */
const leastMs = 5;

/** Milliseconds of processor time, the best of a few. */
async function cost(work: () => unknown, rounds = 2): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

const repeated = (piece: string, length: number): string => piece.repeat(Math.ceil(length / piece.length));
const screening = (text: string): Promise<number> => cost(() => screen(text, { profile: "strict" }));
/** An ordinary question, as long as the text that it is compared with. */
const innocent = (length: number): string => repeated("What did the village decide about the new well, and when? ", length);

/** True when a cost is more than so many times that of the baseline, whenever both are measured. */
async function isAbove(times: number, measure: () => Promise<number>, baseline: () => Promise<number>): Promise<boolean> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if ((await measure()) <= times * (await baseline()) + leastMs) return false;
  }
  return true;
}

async function tooDear(texts: readonly string[], judge: (text: string) => Promise<boolean>): Promise<string[]> {
  const found: string[] = [];
  for (const text of texts) if (await judge(text)) found.push(text.slice(0, 40));
  return found;
}

/** What every rule finds, what innocently looks like it, and what some detector looks at closely. */
const adversarial = [...Object.values(ruleCases).flatMap(({ attacks, innocent: alike = [] }) => attacks.concat(alike)), ...pieces];

test("a text of twice the length takes no more than about twice the time, for what any rule looks at", async () => {
  const grows = (piece: string): Promise<boolean> =>
    isAbove(
      3.5,
      () => screening(repeated(piece, 16_000)),
      () => screening(repeated(piece, 8_000)),
    );
  assert.deepEqual(await tooDear(adversarial, grows), []);
});

test("what comes once before many of something else does not make it slow either", async () => {
  const openings = ["(", "?", "'", '"', "`", "```", "<!--", "/*", "<?xml ?>", "{{", "$(", "<a b='", "unix:", "@{[", "select ", "%"];
  const fillers = [")", "=", "'", '"', "`", "a", " ", "<", "*", "}", "%2", "&#", "..", ";", "\n", "or "];
  const texts = openings.flatMap((opening) => fillers.map((filler) => opening + repeated(filler, 16_000)));
  const isSlow = (text: string): Promise<boolean> =>
    isAbove(
      20,
      () => screening(text),
      () => screening(innocent(16_000)),
    );
  assert.deepEqual(await tooDear(texts, isSlow), []);
});

test("a megabyte is read in a moment", async () => {
  const units = ["a", "'", "<", "\uff07", "<a b='", "&#x3c;", "%2525", "..\\", "or 1=1 ", "((select ", "; ls ", "{{7*7}}"];
  const isSlow = (unit: string): Promise<boolean> =>
    isAbove(
      20,
      () => screening(repeated(unit, 1_000_000)),
      () => screening(innocent(1_000_000)),
    );
  assert.deepEqual(await tooDear(units, isSlow), []);
});

test("whatever the text is, its findings are valid: 20,000 times", () => {
  findsTheSameTwice(20_000);
  strictRefusesMore(20_000);
  judgesSlicesAlike(20_000);
});
