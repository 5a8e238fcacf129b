/** How often the number of admitted requests doubles. */
const intervalMs = 1_000;

/**
 * Admits a few requests to a target or replica that was down, to find out whether it works again.
 *
 * It admits one in the first second, then 2, 4 and so on up to `max` per second, and one per client or principal. No request waits for the
 * outcome of another, so a slow one delays nobody, and no client can take the slots of the others. Every response doubles the number and
 * makes room at once.
 */
export class Trickle {
  readonly #sources = new Set<string>();
  readonly #max: number;
  #startedAt: number;
  #allowed = 1;
  #taken = 0;

  constructor(now: number, max: number) {
    this.#max = max;
    this.#startedAt = now;
  }

  /** Whether there is room for a request of this source; `take()` takes it. */
  hasRoom(source: string, now: number): boolean {
    this.#advance(now);
    return this.#taken < this.#allowed && !this.#sources.has(source);
  }

  take(source: string): void {
    this.#taken += 1;
    this.#sources.add(source);
  }

  responded(): void {
    this.#grow();
  }

  #advance(now: number): void {
    if (now - this.#startedAt < intervalMs) return;
    // However many intervals have passed, the target has been tried no more often than in one.
    this.#startedAt = now;
    this.#grow();
  }

  #grow(): void {
    this.#allowed = Math.min(this.#max, this.#allowed * 2);
    this.#taken = 0;
    this.#sources.clear();
  }
}
