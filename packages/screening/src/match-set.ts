import type { Budget } from "./budget.ts";
import { Score } from "./score.ts";

/** What a detector sees in the text that it was given. */
export interface Match {
  readonly rule: string;
  readonly score: number;
  readonly start: number;
  readonly end: number;
}

const none: readonly Match[] = [];

/** Collects the strongest match of each rule, so that a long text with thousands of matches stays small. */
export class MatchSet {
  #byRule: Map<string, Match> | undefined;
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Whether there is budget left; a text that needs more says so in a match of its kind. */
  spend(at: number, amount = 1): boolean {
    if (this.#budget.spend(amount)) return true;
    this.add("too-many-signs", Score.certain, at, at + 1);
    return false;
  }

  /** Whether a rule has a match with this score already, so that it need not look for more of its kind. */
  has(rule: string, score: number): boolean {
    return (this.#byRule?.get(rule)?.score ?? 0) >= score;
  }

  add(rule: string, score: number, start: number, end: number): void {
    this.#byRule ??= new Map();
    const known = this.#byRule.get(rule);
    if (known === undefined || known.score < score) this.#byRule.set(rule, { rule, score, start, end });
  }

  list(): Iterable<Match> {
    return this.#byRule?.values() ?? none;
  }
}
