/**
 * Trains the judgement and writes its weights. The limits are chosen, and the confidence is calibrated, on what models said about sources that they had not seen.
 * Run: `pnpm --filter @aivillage/screening train --corpus DIR --date YYYY-MM-DD`, with the options of `evaluate`. The same corpus and
 * packages give the same weights.
 */
import { join } from "node:path";

import { calibrate } from "./calibrate.ts";
import { chooseLimits } from "./choose-limits.ts";
import { learn } from "./learn.ts";
import { date, reportProgress, runEvaluation } from "./run-evaluation.ts";
import { learnOptions } from "./settings.ts";
import { writeWeights } from "./write-weights.ts";

if (date === undefined) throw new Error("name the date of the training: --date YYYY-MM-DD");

const { set, evaluation } = runEvaluation();
const told = evaluation.judged
  .filter(({ row, alone }) => alone.weight !== -Infinity && (!row.isAttack || row.context === "inject"))
  .map(({ row, alone }) => ({ weight: alone.weight, isAttack: row.isAttack }));

const model = learn(set.examples, learnOptions, (epoch) => reportProgress(`epoch ${epoch} of ${learnOptions.runs * learnOptions.epochs}`));
const file = join(import.meta.dirname, "../src/judgement/trained-weights.ts");
writeWeights(file, model, chooseLimits(evaluation.judged), calibrate(told), date);
reportProgress(`wrote ${file}`);
