import { dealFolds, readRows, type Row } from "./corpus.ts";
import { makeExamples, makeFileExamples, makeOwnExamples, readFiles } from "./examples.ts";
import type { InstalledFile } from "./installed-files.ts";
import type { Example } from "./learn.ts";

/** Everything that is learned from and judged. */
export interface TrainingSet {
  readonly rows: readonly Row[];
  readonly files: readonly InstalledFile[];
  /** The fold of each source. */
  readonly foldOf: ReadonlyMap<string, number>;
  readonly examples: readonly Example[];
}

/** Reads a corpus and the files of this machine, and makes examples of what may train. */
export function makeTrainingSet(corpus: string, folds: number, seed: number, report: (progress: string) => void): TrainingSet {
  const rows = readRows(corpus);
  const files = readFiles(rows);
  const foldOf = dealFolds(rows, files, folds);
  report(`${rows.length} texts, ${files.length} files of this machine`);
  const examples = [...makeFileExamples(files, foldOf, seed), ...makeExamples(rows, foldOf, seed), ...makeOwnExamples(seed)];
  report(`${examples.length} examples`);
  return { rows, files, foldOf, examples };
}
