/** What must be done by a certain time, or is notified. Only `Deadlines` writes the neighbours. */
export interface Deadline {
  /** Milliseconds on the clock of `performance.now()`. */
  readonly dueAt: number;
  earlier: Deadline | undefined;
  later: Deadline | undefined;
  /** The time has come. The owner removes the deadline, as if it had been met. */
  miss(): void;
}

/**
 * Deadlines that all last equally long, on one timer: a timer for each costs more than what is timed, which is nearly always over
 * in the same millisecond. They are a list in the order in which they were added, which costs half of what a `Set` does. The timer does not
 * keep the process alive and ends when nothing is left to wait for.
 */
export class Deadlines {
  readonly #durationMs: number;
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  /** When something that begins now is due. */
  next(): number {
    return performance.now() + this.#durationMs;
  }

  add(deadline: Deadline): void {
    deadline.earlier = this.#last;
    if (this.#last === undefined) this.#first = deadline;
    else this.#last.later = deadline;
    this.#last = deadline;
    if (this.#timer === undefined) this.#startTimer(this.#durationMs);
  }

  /** @returns whether it was still waiting */
  remove(deadline: Deadline): boolean {
    const { earlier, later } = deadline;
    if (this.#first === deadline) this.#first = later;
    else if (earlier === undefined) return false;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    deadline.earlier = undefined;
    deadline.later = undefined;
    return true;
  }

  #startTimer(delayMs: number): void {
    this.#timer = setTimeout(() => this.#missOverdue(), delayMs).unref();
  }

  #missOverdue(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (let next = this.#first; next !== undefined; next = this.#first) {
      if (next.dueAt > now) {
        if (this.#timer === undefined) this.#startTimer(Math.ceil(next.dueAt - now));
        return;
      }
      this.remove(next);
      next.miss();
    }
  }
}
