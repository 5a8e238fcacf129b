/** Maximum tokens: how many retries can occur at once when a replica fails under load. */
const capacity = 100;

/** Tokens at the start, so that the first requests can be retried too. */
const initial = 10;

/**
 * Limits the retries of one target to a share of its requests, so that retries do not overload a target that is down.
 *
 * Every request adds the share, every retry takes one token. Of n requests at most `10 + share * n` are retried.
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

  /** Takes one token; false if there is none left. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
