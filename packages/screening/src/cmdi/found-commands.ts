import type { MatchSet } from "../match-set.ts";
import { Score } from "../score.ts";

/** The most that a command scores after another command, or in a text that goes on. */
export const mostQuoted = Score.doubtful;

/** The matches of commands, with the highest score of each rule at hand: most places in a text can't score more. */
export class FoundCommands {
  readonly #matches: MatchSet;
  #chained = 0;
  #substituted = 0;

  constructor(matches: MatchSet) {
    this.#matches = matches;
  }

  get chained(): number {
    return this.#chained;
  }

  get substituted(): number {
    return this.#substituted;
  }

  spend(at: number, amount = 1): boolean {
    return this.#matches.spend(at, amount);
  }

  addChained(score: number, start: number, end: number): void {
    this.#chained = Math.max(this.#chained, score);
    this.#matches.add("chained-command", score, start, end);
  }

  addSubstitution(score: number, start: number, end: number): void {
    this.#substituted = Math.max(this.#substituted, score);
    this.#matches.add("substitution", score, start, end);
  }
}
