import { makeEmbedding } from "../bench/corpus.ts";
import { weigh } from "../src/judgement/model.ts";
import { read } from "../src/judgement/reading.ts";
import { gatherEvidence } from "../src/screen.ts";
import { dealFolds, type Row } from "./corpus.ts";
import { makeExamples } from "./examples.ts";
import { type Example, learn, type LearnOptions } from "./learn.ts";

/** What a model that has not seen the source of a text says about it. */
export interface Judged {
  readonly row: Row;
  readonly alone: Opinion;
  /** Of an attack, after a question. */
  readonly after?: Opinion;
}

export interface Opinion {
  /** Whether the detectors find something that counts. */
  readonly counts: boolean;
  /** The weight, or minus infinity where no detector saw anything. */
  readonly weight: number;
}

const folds = 6;

/** Judges every row by a model trained on the sources of the other folds. */
export function crossValidate(
  rows: readonly Row[],
  innocents: readonly Example[],
  options: LearnOptions,
  report: (progress: string) => void,
): Judged[] {
  const foldOf = dealFolds(rows, folds);
  const questions = rows.filter(({ isAttack }) => !isAttack);
  const embed = makeEmbedding(questions);
  const judged: Judged[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const others = rows.filter(({ source }) => foldOf.get(source) !== fold);
    const model = learn([...innocents, ...makeExamples(others, options.seed + fold)], options);
    const opinionOn = (text: string): Opinion => {
      const evidence = gatherEvidence(text, "prose");
      const counts = evidence.some((each) => each.counts);
      return { counts, weight: evidence.length === 0 ? -Infinity : weigh(read(evidence, text), model) };
    };
    for (const row of rows.filter((each) => foldOf.get(each.source) === fold)) {
      const after = row.isAttack ? opinionOn(embed({ id: row.id, payload: row.text })) : undefined;
      judged.push({ row, alone: opinionOn(row.text), ...(after === undefined ? {} : { after }) });
    }
    report(`fold ${fold + 1} of ${folds}`);
  }
  return judged;
}
