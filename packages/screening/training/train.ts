/**
 * Trains the judgement and writes its weights. The confidence is calibrated on what models said about sources that they had not seen.
 * Run: `pnpm --filter @aivillage/screening train --corpus DIR --date YYYY-MM-DD`. The same corpus and packages give the same weights.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";

import { calibrate } from "./calibrate.ts";
import { readRows } from "./corpus.ts";
import { crossValidate } from "./cross-validate.ts";
import { makeExamples, readInnocents } from "./examples.ts";
import { learn } from "./learn.ts";
import { learnOptions, limits } from "./settings.ts";
import { writeWeights } from "./write-weights.ts";

const { values } = parseArgs({ options: { corpus: { type: "string" }, date: { type: "string" } } });
if (values.corpus === undefined || values.date === undefined)
  throw new Error("name the corpus and the date: --corpus DIR --date YYYY-MM-DD");

const started = Date.now();
const report = (progress: string): void => console.error(`${((Date.now() - started) / 1000).toFixed(0)} s  ${progress}`);
const rows = readRows(values.corpus);
const innocents = readInnocents(rows, learnOptions.seed);
report(`${rows.length} texts, ${innocents.length} innocent texts of this machine with evidence`);

const judged = crossValidate(rows, innocents, learnOptions, report);
const told = judged
  .filter(({ row, alone }) => alone.weight !== -Infinity && (!row.isAttack || row.context === "inject"))
  .map(({ row, alone }) => ({ weight: alone.weight, isAttack: row.isAttack }));

const examples = makeExamples(rows, learnOptions.seed);
const model = learn([...innocents, ...examples], learnOptions, (epoch) => report(`epoch ${epoch} of ${learnOptions.epochs}`));
const file = join(import.meta.dirname, "../src/judgement/trained-weights.ts");
writeWeights(file, model, limits, calibrate(told), values.date);
report(`wrote ${file}`);
