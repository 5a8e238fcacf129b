/** Tokens that a budget holds at most: how many retries can come at once when a replica dies under load. */
const capacity = 100;

/** Tokens at the start, so that the first requests after a start can be repeated too. */
const initial = 10;

/**
 * Bounds the retries of one target to a share of its requests.
 *
 * Every request adds the share, every retry takes one. Of n requests at most `10 + share * n` are so repeated, and a target
 * that is down is not hammered.
 */
export class RetryBudget {
  readonly #share: number;
  #tokens = initial;

  constructor(share: number) {
    this.#share = share;
  }

  deposit(): void {
    this.#tokens = Math.min(capacity, this.#tokens + this.#share);
  }

  /** Takes one retry out; false when there is none left. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
