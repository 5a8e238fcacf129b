/**
 * Prints what the screening catches and refuses, by models that have not seen the sources that they judge.
 * Run: `pnpm --filter @aivillage/screening evaluate --corpus DIR [--dump FILE]`.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { readRows } from "./corpus.ts";
import { crossValidate, type Judged, type Opinion } from "./cross-validate.ts";
import { readInnocents } from "./examples.ts";
import { learnOptions, limits } from "./settings.ts";
import { count, format, isRefused, type Limits } from "./tables.ts";

const { values } = parseArgs({ options: { corpus: { type: "string" }, dump: { type: "string" } } });
if (values.corpus === undefined) throw new Error("name the folder of the corpus: --corpus DIR");

const started = Date.now();
const report = (progress: string): void => console.error(`${((Date.now() - started) / 1000).toFixed(0)} s  ${progress}`);
const rows = readRows(values.corpus);
const innocents = readInnocents(rows, learnOptions.seed);
report(`${rows.length} texts, ${innocents.length} innocent texts of this machine with evidence`);
const judged = crossValidate(rows, innocents, learnOptions, report);
if (values.dump !== undefined) writeFileSync(values.dump, JSON.stringify(judged));

const groups = ["prose", "everyday", "technical", "hard negatives"] as const;

/** One line for each point, so that the choice can be seen. */
function printPoint(name: string, decide: (opinion: Opinion) => boolean): void {
  const rates = count(judged, decide);
  const cells = [rates.of("alone"), rates.of("after"), rates.of("kind natural"), ...groups.map((group) => rates.of(`group ${group}`))];
  console.log(`| ${name} | ${cells.map(({ hits, all }) => ((100 * hits) / all).toFixed(2)).join(" | ")} |`);
}

console.log("Cross-validated by source: no text is judged by a model that saw its source. 95 % intervals in parentheses.\n");
console.log("| limits | caught alone | after a question | natural | prose | everyday | technical | hard negatives |");
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
printPoint("detectors only", ({ counts }) => counts);
for (const disagree of [-5, -4, -3.5, -3, -2, -1]) {
  for (const certain of [0, 1, 2, 2.5, 3, 99]) {
    const point: Limits = { disagree, certain };
    const chosen = disagree === limits.disagree && certain === limits.certain ? ", chosen" : "";
    printPoint(`${disagree} / ${certain}${chosen}`, (opinion) => isRefused(opinion, point));
  }
}
printTables(judged);

function printTables(all: readonly Judged[]): void {
  const rates = count(all, (opinion) => isRefused(opinion, limits));
  const before = count(all, ({ counts }) => counts);
  console.log("\n| attack | texts | caught alone | after a question | detectors alone |\n| --- | --- | --- | --- | --- |");
  for (const name of ["", ...rates.names("alone ").map((kind) => ` ${kind}`)]) {
    const alone = rates.of(`alone${name}`);
    const cells = [alone, rates.of(`after${name}`), before.of(`alone${name}`)].map(format);
    console.log(`|${name === "" ? " all" : name} | ${alone.all} | ${cells.join(" | ")} |`);
  }
  console.log("\n| innocent | texts | refused | by detectors |\n| --- | --- | --- | --- |");
  for (const name of [...rates.names("group ").map((group) => `group ${group}`), ...rates.names("kind ").map((kind) => `kind ${kind}`)]) {
    console.log(`| ${name} | ${rates.of(name).all} | ${format(rates.of(name))} | ${format(before.of(name))} |`);
  }
}
