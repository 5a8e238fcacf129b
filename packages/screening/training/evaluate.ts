/**
 * Prints what the screening catches and refuses, by models that have not seen the sources that they judge.
 * Run: `pnpm --filter @aivillage/screening evaluate --corpus DIR [--ablate] [--write-docs] [--dump FILE]`.
 * `--ablate` adds what each rule does at the operating point, `--write-docs` puts the figures into the documentation.
 */
import { runEvaluation } from "./run-evaluation.ts";

runEvaluation();
