/** Prose and code of 100,000 characters take a third of it, a page of nothing but tables of 60,000 nearly all. */
const most = 40_000;
const least = 2_000;
const perCharacter = 0.75;

/**
 * How closely one text may be looked at, by all detectors and in all its layers together: 1 is about a quarter of a microsecond.
 * A text that needs several times what ordinary text of its length does is nothing but signs of attack.
 */
export class Budget {
  #left: number;

  /** @param length of the text in UTF-16 code units */
  constructor(length: number) {
    this.#left = Math.min(most, least + length * perCharacter);
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** @returns whether there was as much left */
  spend(amount: number): boolean {
    this.#left -= amount;
    return this.#left >= 0;
  }
}
