/**
 * Screens a million random and mutated texts: none may throw, none may take long, and a text that comes in pieces has to be judged
 * like the same text in one.
 * Run: `pnpm test:soak [texts]`.
 */
import assert from "node:assert/strict";

import * as fc from "fast-check";

import { screen } from "../src/index.ts";
import { hostileText } from "../test/adversarial.ts";

const texts = Number(process.argv[2] ?? 1_000_000);
const slowestAllowedMs = 250;
let slowest = 0;
let found = 0;
let done = 0;
const progressEvery = 100_000;
const start = performance.now();

/** The text as it comes off a connection that cuts it anywhere, also inside a character. */
function received(text: string, cuts: readonly number[]): string {
  const bytes = Buffer.from(text);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  let joined = "";
  for (let index = 1; index < edges.length; index += 1)
    joined += decoder.decode(bytes.subarray(edges[index - 1], edges[index]), { stream: true });
  return joined + decoder.decode();
}

fc.assert(
  fc.property(hostileText(60), fc.constantFrom("strict", "prose"), fc.array(fc.nat(2_000), { maxLength: 4 }), (given, profile, cuts) => {
    const text = given.toWellFormed();
    const before = process.cpuUsage();
    const findings = screen(text, { profile });
    const { user, system } = process.cpuUsage(before);
    slowest = Math.max(slowest, (user + system) / 1000);
    if (findings.length > 0) found += 1;
    assert.ok(slowest < slowestAllowedMs, `took ${slowest} ms`);
    assert.deepEqual(screen(received(text, cuts), { profile }), findings);
    done += 1;
    if (done % progressEvery === 0) console.log(`${done} texts, the slowest took ${slowest.toFixed(1)} ms`);
  }),
  { numRuns: texts },
);
const seconds = (performance.now() - start) / 1000;
console.log(`${texts} texts in ${seconds.toFixed(0)} s, none threw, none was judged otherwise in pieces,`);
console.log(`${((100 * found) / texts).toFixed(0)} % had findings, the slowest took ${slowest.toFixed(1)} ms of processor time`);
