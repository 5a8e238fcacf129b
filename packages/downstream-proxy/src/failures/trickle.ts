/** How often the number of admitted requests doubles. */
const intervalMs = 1_000;

/**
 * Admits a few requests to something that was down, to find out whether it works again.
 *
 * One in the first second, then 2, 4 and so on up to `most` per second, and one per client or principal. Nothing waits for the outcome of another, so a slow
 * request holds up nobody, and none of them can use up what is meant for all. Every response doubles the number and makes room at once.
 */
export class Trickle {
  readonly #sources = new Set<string>();
  readonly #most: number;
  #startedAt: number;
  #allowed = 1;
  #taken = 0;

  constructor(now: number, most: number) {
    this.#most = most;
    this.#startedAt = now;
  }

  /** Whether there is room for a request of this source. Take it with `take()`. */
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
    // However many have passed, the target has been asked no more often than in one.
    this.#startedAt = now;
    this.#grow();
  }

  #grow(): void {
    this.#allowed = Math.min(this.#most, this.#allowed * 2);
    this.#taken = 0;
    this.#sources.clear();
  }
}
