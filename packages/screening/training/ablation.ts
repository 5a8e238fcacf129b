import type { Judged } from "./cross-validate.ts";
import type { Decide } from "./tables.ts";

/** What one rule does at the operating point: how many decisions would change without it. */
export interface RuleEffect {
  readonly id: string;
  /** Texts in which it sees anything. */
  seen: number;
  /** Attacks that would pass. */
  lost: number;
  /** Attacks that would be caught. */
  won: number;
  /** Innocent texts that would pass. */
  freed: number;
}

/** The rules, those that catch least first. */
export function effectsOfRules(judged: readonly Judged[], decide: Decide): RuleEffect[] {
  const effects = new Map<string, RuleEffect>();
  for (const { row, alone, limits, without = {} } of judged) {
    if (row.isAttack && row.context !== "inject") continue;
    for (const [id, opinion] of Object.entries(without)) {
      const effect = effects.get(id) ?? { id, seen: 0, lost: 0, won: 0, freed: 0 };
      effects.set(id, effect);
      effect.seen += 1;
      const [before, after] = [decide(alone, limits), decide(opinion, limits)];
      if (row.isAttack && before !== after) effect[before ? "lost" : "won"] += 1;
      if (!row.isAttack && before && !after) effect.freed += 1;
    }
  }
  return [...effects.values()].toSorted((a, b) => a.lost - b.lost || b.seen - a.seen);
}
