import { count } from "../amounts.ts";
import type { BudgetedCall, BudgetedUsage } from "../call.ts";
import type { UnknownMaxOptions } from "../options.ts";

/** Beyond what a backend that keeps the limit of a call can use, however wrong an estimate is. */
const mostMisjudged = 1.5;

/** How many tokens a call holds, and when it needs more. */
export class CallSize {
  readonly #block: number;
  readonly #isLimited: boolean;
  #input: number;
  #output: number;

  constructor(call: BudgetedCall, { reserve, block }: Required<UnknownMaxOptions>) {
    const choices = Math.max(1, count(call.choices ?? 1));
    this.#block = block * choices;
    this.#isLimited = call.maxOutputTokens !== undefined;
    this.#input = count(call.estimatedInputTokens);
    this.#output = count((call.maxOutputTokens ?? reserve) * choices);
  }

  get tokens(): readonly [input: number, output: number] {
    return [this.#input, this.#output];
  }

  /** What it must hold to go on; `undefined` while it holds enough. */
  extension({ input, output }: BudgetedUsage): readonly [input: number, output: number] | undefined {
    const spare = this.#isLimited ? 0 : this.#block;
    const missing = output + spare - this.#output;
    if (missing <= 0 && input <= this.#input) return undefined;
    const blocks = Math.max(0, Math.ceil(missing / this.#block));
    return [Math.max(this.#input, count(input)), this.#output + blocks * this.#block];
  }

  extend([input, output]: readonly [input: number, output: number]): void {
    this.#input = input;
    this.#output = output;
  }

  /** Whether it has used all that it holds, and cannot get more. A backend that keeps a limit needs no end from us. */
  isUsedUp({ input, output }: BudgetedUsage): boolean {
    if (!this.#isLimited) return output >= this.#output || input > this.#input + this.#block;
    return output > this.#output * mostMisjudged + this.#block;
  }

  /** Whether it has gone a whole block beyond what it holds, or had used when it was asked to wait for a slow store. */
  isFarBeyond({ output }: BudgetedUsage, usedWhenAsked: number): boolean {
    return !this.#isLimited && output > Math.max(this.#output, usedWhenAsked) + this.#block;
  }
}
