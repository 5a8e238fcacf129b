import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { effectsOfRules } from "./ablation.ts";
import { crossValidate, folds } from "./cross-validate.ts";
import { attackTable, type Evaluation, innocentTable, pointsTable } from "./report.ts";
import { learnOptions } from "./settings.ts";
import { isRefused, markdownTable } from "./tables.ts";
import { makeTrainingSet, type TrainingSet } from "./training-set.ts";
import { writeFigures } from "./write-figures.ts";

const { values } = parseArgs({
  options: {
    corpus: { type: "string" },
    date: { type: "string" },
    ablate: { type: "boolean", default: false },
    "write-docs": { type: "boolean", default: false },
    dump: { type: "string" },
  },
});

const started = Date.now();

export const date = values.date;

export function reportProgress(progress: string): void {
  console.error(`${((Date.now() - started) / 1000).toFixed(0)} s  ${progress}`);
}

/** Cross-validates as the arguments say, and prints the tables. */
export function runEvaluation(): { readonly set: TrainingSet; readonly evaluation: Evaluation } {
  if (values.corpus === undefined) throw new Error("name the folder of the corpus: --corpus DIR");
  const set = makeTrainingSet(values.corpus, folds, learnOptions.seed, reportProgress);
  const evaluation = crossValidate(set, { ...learnOptions, ablates: values.ablate }, reportProgress);
  if (values.dump !== undefined) writeFileSync(values.dump, JSON.stringify(evaluation));
  printTables(evaluation);
  if (values["write-docs"]) writeFigures(evaluation);
  return { set, evaluation };
}

function printTables(evaluation: Evaluation): void {
  console.log("Cross-validated by source: no text is judged by a model that saw its source. 95 % intervals in parentheses.\n");
  console.log(pointsTable(evaluation.judged));
  console.log(attackTable(evaluation.judged, "all"));
  console.log(innocentTable(evaluation, "all"));
  if (values.ablate) printEffects(evaluation);
}

function printEffects({ judged }: Evaluation): void {
  const effects = effectsOfRules(judged, isRefused);
  const rows = effects.map(({ id, seen, lost, won, freed }) => [id, seen, lost, won, freed].map(String));
  const header = ["rule", "texts it sees", "attacks that only it catches", "attacks that it hides", "innocent texts that only it refuses"];
  console.log(markdownTable(header, rows));
}
