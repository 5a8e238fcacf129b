import type { Opinion, Opinions } from "./cross-validate.ts";
import { groupOf, type Limits } from "./tables.ts";

/** How many missed attacks, alone or after a question, are as bad as one innocent text of a group that is refused. */
const costs: Readonly<Record<string, number>> = { prose: 20, everyday: 20, technical: 3 };
const candidates = Array.from({ length: 49 }, (_, index) => -7 + index / 4);

/** Which limit decides about a text. */
function levelOf({ counts, sees }: Opinion): keyof Limits {
  if (counts) return "disagree";
  return sees ? "certain" : "unseen";
}

/** The limits at which what is caught is worth most, less what is refused. */
export function chooseLimits(judged: readonly Opinions[]): Limits {
  const worths = judged.flatMap(worthsOf);
  const choose = (level: keyof Limits): number => chooseLimit(worths.filter(({ opinion }) => levelOf(opinion) === level));
  return { disagree: choose("disagree"), certain: choose("certain"), unseen: choose("unseen") };
}

/** What refusing a text is worth. */
interface Worth {
  readonly opinion: Opinion;
  readonly worth: number;
}

function worthsOf({ row: { isAttack, context, kind }, alone, after }: Opinions): Worth[] {
  if (!isAttack) return [{ opinion: alone, worth: -(costs[groupOf(kind)] ?? 0) }];
  if (context !== "inject") return [];
  return [alone, ...(after === undefined ? [] : [after])].map((opinion) => ({ opinion, worth: 1 }));
}

function chooseLimit(worths: readonly Worth[]): number {
  const sumAbove = (limit: number): number => worths.reduce((sum, { opinion, worth }) => (opinion.weight > limit ? sum + worth : sum), 0);
  return candidates.reduce((best, limit) => (sumAbove(limit) > sumAbove(best) ? limit : best));
}
