import type { Opinion, Opinions } from "./cross-validate.ts";
import { groupOf, type Limits } from "./tables.ts";

/** How many missed attacks, alone or after a question, are as bad as one innocent text of a group that is refused. */
const costs: Readonly<Record<string, number>> = { prose: 35, everyday: 35, technical: 5 };
/** By how much the weights of texts of one kind differ, at the least; without it, a limit would depend on single texts. */
const blur = 0.2;
/** The weight of even odds: where nothing counts, an attack has to be likelier than not. */
const even = 0;
const candidates = Array.from({ length: 49 }, (_, index) => -7 + index / 4);

/** Which limit decides about a text. */
function levelOf({ counts, sees }: Opinion): keyof Limits {
  if (counts) return "disagree";
  return sees ? "certain" : "unseen";
}

/** The limits at which what is caught is worth most, less what is refused. */
export function chooseLimits(judged: readonly Opinions[]): Limits {
  const worths = judged.flatMap(worthsOf);
  const choose = (level: keyof Limits, least = -Infinity): number =>
    chooseLimit(
      worths.filter(({ opinion }) => levelOf(opinion) === level),
      candidates.filter((limit) => limit >= least),
    );
  return { disagree: choose("disagree"), certain: choose("certain", even), unseen: choose("unseen", even) };
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

function chooseLimit(worths: readonly Worth[], limits: readonly number[]): number {
  const worthAbove = (limit: number): number =>
    worths.reduce((sum, { opinion: { weight }, worth }) => sum + worth * shareAbove(limit, weight), 0);
  return limits.reduce((best, limit) => (worthAbove(limit) > worthAbove(best) ? limit : best));
}

/** A text near the limit, or another one of its kind, may fall on either side of it. */
function shareAbove(limit: number, weight: number): number {
  return 1 / (1 + Math.exp((limit - weight) / blur));
}
