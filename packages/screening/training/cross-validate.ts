import { makeEmbedding } from "../bench/corpus.ts";
import type { Evidence } from "../src/evidence.ts";
import { isJudged } from "../src/judgement/judge.ts";
import { type Model, weigh } from "../src/judgement/model.ts";
import { read } from "../src/judgement/reading.ts";
import { gatherEvidence, harmsOwnStack } from "../src/screen.ts";
import { chooseLimits } from "./choose-limits.ts";
import type { Row } from "./corpus.ts";
import type { InstalledFile } from "./installed-files.ts";
import { type Example, learn, type LearnOptions } from "./learn.ts";
import { explain } from "./pattern-texts.ts";
import { otherSentencesElsewhere, otherWays, otherWaysElsewhere } from "./patterns/unseen-ways.ts";
import { pick, seededRandom } from "./random.ts";
import type { Limits } from "./tables.ts";
import type { TrainingSet } from "./training-set.ts";
import { quantiseModel } from "./write-weights.ts";

/** A text that was judged without its source, neither by a model nor by limits that saw it. */
export interface Judged extends Opinions {
  /** Chosen on the texts of all other folds. */
  readonly limits: Limits;
}

/** What a model that has not seen the source of a text says about it. */
export interface Opinions {
  readonly row: Row;
  readonly fold: number;
  readonly alone: Opinion;
  /** Of an attack, after a question. */
  readonly after?: Opinion;
  /** Of an attack, after a sentence in another language than English. */
  readonly afterElsewhere?: Opinion;
  /** Of a short attack, quoted in a sentence that explains it. */
  readonly explained?: Opinion;
  /** The same in another language than English. */
  readonly elsewhere?: Opinion;
  /** By the id of each rule that saw something: what the model says without it. */
  readonly without?: Readonly<Record<string, Opinion>>;
}

export interface JudgedFile {
  readonly file: InstalledFile;
  readonly limits: Limits;
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

const longestExplained = 400;

/** As many as there are models in a cross-validation. */
export const folds = 6;

/** Judges every row and file by a model that has learned nothing from its source. */
export function crossValidate(
  { rows, files, foldOf, examples }: TrainingSet,
  { ablates, ...options }: LearnOptions & { readonly ablates: boolean },
  report: (progress: string) => void,
): { readonly judged: readonly Judged[]; readonly judgedFiles: readonly JudgedFile[] } {
  const embed = makeEmbedding(rows.filter(({ isAttack }) => !isAttack));
  const [random, randomElsewhere, randomAfter] = [seededRandom(options.seed), seededRandom(options.seed), seededRandom(options.seed)];
  const judged: Opinions[] = [];
  const judgedFiles: (Omit<JudgedFile, "limits"> & { readonly fold: number })[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const model = quantiseModel(learn(withoutFold(examples, fold), options));
    for (const row of rows.filter(({ source }) => foldOf.get(source) === fold)) {
      const asked = row.isAttack ? { after: opinionOn(embed({ id: row.id, payload: row.text }), model) } : {};
      const askedElsewhere = row.isAttack
        ? { afterElsewhere: opinionOn(`${pick(otherSentencesElsewhere, randomAfter)} ${row.text}`, model) }
        : {};
      const explained = isExplained(row) ? { explained: opinionOn(explain(row.text, "", random, otherWays), model) } : {};
      const elsewhere = isExplained(row) ? { elsewhere: opinionOn(explain(row.text, "", randomElsewhere, otherWaysElsewhere), model) } : {};
      const without = ablates ? { without: opinionsWithout(row.text, model) } : {};
      judged.push({ row, fold, alone: opinionOn(row.text, model), ...asked, ...askedElsewhere, ...explained, ...elsewhere, ...without });
    }
    const ofFold = files.filter(({ source }) => foldOf.get(source) === fold);
    judgedFiles.push(...ofFold.map((file) => ({ file, fold, opinion: opinionOn(file.text, model) })));
    report(`fold ${fold + 1} of ${folds}`);
  }
  const limits = Array.from({ length: folds }, (_, fold) => chooseLimits(judged.filter((each) => each.fold !== fold)));
  const withLimits = <Each extends { readonly fold: number }>(each: Each): Each & { readonly limits: Limits } => ({
    ...each,
    limits: limits[each.fold] ?? chooseLimits(judged),
  });
  return { judged: judged.map(withLimits), judgedFiles: judgedFiles.map(withLimits) };
}

function isExplained({ isAttack, context, text }: Row): boolean {
  return isAttack && context === "inject" && text.length < longestExplained;
}

function withoutFold(examples: readonly Example[], fold: number): Example[] {
  return examples.filter((example) => example.fold !== fold);
}

function opinionOn(text: string, model: Model): Opinion {
  return weighEvidence(gatherEvidence(text, "prose"), text, model);
}

function opinionsWithout(text: string, model: Model): Record<string, Opinion> {
  const evidence = gatherEvidence(text, "prose") ?? [];
  const opinions = evidence.map((left) => {
    const others = evidence.filter((each) => each !== left);
    return [left.id, weighEvidence(others, text, model)] as const;
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
