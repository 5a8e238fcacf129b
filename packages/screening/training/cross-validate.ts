import { makeEmbedding } from "../bench/corpus.ts";
import type { Evidence } from "../src/evidence.ts";
import { isJudged } from "../src/judgement/judge.ts";
import { type Model, weigh } from "../src/judgement/model.ts";
import { read } from "../src/judgement/reading.ts";
import { gatherEvidence, harmsOwnStack } from "../src/screen.ts";
import type { Row } from "./corpus.ts";
import type { InstalledFile } from "./innocent-texts.ts";
import { type Example, learn, type LearnOptions } from "./learn.ts";
import type { TrainingSet } from "./training-set.ts";

/** What a model that has not seen the source of a text says about it. */
export interface Judged {
  readonly row: Row;
  readonly alone: Opinion;
  /** Of an attack, after a question. */
  readonly after?: Opinion;
  /** By the id of each rule that saw something: what the model says without it. */
  readonly without?: Readonly<Record<string, Opinion>>;
}

export interface JudgedFile {
  readonly file: InstalledFile;
  readonly opinion: Opinion;
}

export interface Opinion {
  /** Whether the detectors find something that counts. */
  readonly counts: boolean;
  /** Whether they see anything. */
  readonly sees: boolean;
  /** Whether what they find is refused in a text that only a model reads. */
  readonly harms: boolean;
  /** The weight, or minus infinity for a text that is not judged. */
  readonly weight: number;
}

/** As many as there are models in a cross-validation. */
export const folds = 6;

/** Judges every row and file by a model that has learned nothing from its source. */
export function crossValidate(
  { rows, files, foldOf, examples }: TrainingSet,
  { ablates, ...options }: LearnOptions & { readonly ablates: boolean },
  report: (progress: string) => void,
): { readonly judged: readonly Judged[]; readonly judgedFiles: readonly JudgedFile[] } {
  const embed = makeEmbedding(rows.filter(({ isAttack }) => !isAttack));
  const judged: Judged[] = [];
  const judgedFiles: JudgedFile[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const model = learn(withoutFold(examples, fold), options);
    for (const row of rows.filter(({ source }) => foldOf.get(source) === fold)) {
      const after = row.isAttack ? { after: opinionOn(embed({ id: row.id, payload: row.text }), model) } : {};
      const without = ablates ? { without: opinionsWithout(row.text, model) } : {};
      judged.push({ row, alone: opinionOn(row.text, model), ...after, ...without });
    }
    const ofFold = files.filter(({ source }) => foldOf.get(source) === fold);
    judgedFiles.push(...ofFold.map((file) => ({ file, opinion: opinionOn(file.text, model) })));
    report(`fold ${fold + 1} of ${folds}`);
  }
  return { judged, judgedFiles };
}

function withoutFold(examples: readonly Example[], fold: number): Example[] {
  return examples.filter((example) => example.fold !== fold);
}

function opinionOn(text: string, model: Model): Opinion {
  return weighEvidence(gatherEvidence(text, "prose"), text, model);
}

function opinionsWithout(text: string, model: Model): Record<string, Opinion> {
  const evidence = gatherEvidence(text, "prose") ?? [];
  const idOf = ({ class: attackClass, rule }: Evidence): string => `${attackClass}/${rule}`;
  const opinions = evidence.map((left) => {
    const others = evidence.filter((each) => each !== left);
    return [idOf(left), weighEvidence(others, text, model)] as const;
  });
  return Object.fromEntries(opinions);
}

function weighEvidence(evidence: readonly Evidence[] | undefined, text: string, model: Model): Opinion {
  const reading = evidence !== undefined && isJudged(evidence, text) ? read(evidence, text) : undefined;
  return {
    counts: evidence?.some(({ counts }) => counts) ?? false,
    sees: reading?.sees ?? false,
    harms: evidence?.some((each) => each.counts && harmsOwnStack(each)) ?? false,
    weight: reading === undefined ? -Infinity : weigh(reading, model),
  };
}
