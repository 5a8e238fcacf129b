/** What must be done by a certain time, or is notified. */
export interface Deadline {
  /** Milliseconds on the clock of `performance.now()`. */
  readonly dueAt: number;
  /** The time has come. The owner removes the deadline, as if it had been met. */
  miss(): void;
}

/**
 * Deadlines that all last equally long, on one timer: a timer for each costs more than what is timed, which is nearly always over
 * in the same millisecond. The timer does not keep the process alive and ends when nothing is left to wait for.
 */
export class Deadlines {
  readonly #durationMs: number;
  readonly #waiting = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  /** When something that begins now is due. */
  next(): number {
    return performance.now() + this.#durationMs;
  }

  add(deadline: Deadline): void {
    this.#waiting.add(deadline);
    if (this.#timer === undefined) this.#startTimer(this.#durationMs);
  }

  /** @returns whether it was still waiting */
  remove(deadline: Deadline): boolean {
    return this.#waiting.delete(deadline);
  }

  #startTimer(delayMs: number): void {
    this.#timer = setTimeout(() => this.#missOverdue(), delayMs).unref();
  }

  /** A set keeps the order of insertion, so the first that is not due ends the search. */
  #missOverdue(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const deadline of this.#waiting) {
      if (deadline.dueAt > now) {
        if (this.#timer === undefined) this.#startTimer(Math.ceil(deadline.dueAt - now));
        return;
      }
      deadline.miss();
    }
  }
}
