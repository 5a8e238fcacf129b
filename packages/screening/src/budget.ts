/** Prose and code of 100,000 characters take a quarter of it. */
const most = 40_000;
const least = 1_000;
/** Prose and most code take 0.05 to 0.1, pages of tags 0.28, and the densest scripts 0.34. */
const perCharacter = 0.35;

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
