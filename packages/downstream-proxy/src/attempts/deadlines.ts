/** Something that has a deadline. Only `Deadlines` writes these members. */
export interface Timed {
  /** Monotonic, in milliseconds. */
  dueAt: number;
  earlier: Timed | undefined;
  later: Timed | undefined;
  /** Its deadline has passed, and it is no longer in the list. */
  expire(now: number): void;
}

/**
 * Many deadlines on one timer.
 *
 * They form a list in order of time. Most are set to the same duration from now, so a new one belongs at the end, and neither setting
 * nor clearing one allocates anything or touches a timer.
 */
export class Deadlines {
  #first: Timed | undefined;
  #last: Timed | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  /** An infinite time sets nothing. */
  set(member: Timed, dueAt: number): void {
    this.clear(member);
    if (!Number.isFinite(dueAt)) return;
    let earlier = this.#last;
    while (earlier !== undefined && earlier.dueAt > dueAt) earlier = earlier.earlier;
    member.dueAt = dueAt;
    this.#insert(member, earlier);
    if (dueAt < this.#timerAt) this.#arm(dueAt);
  }

  clear(member: Timed): void {
    const { earlier, later } = member;
    if (this.#first === member) this.#first = later;
    else if (earlier === undefined) return;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    member.earlier = undefined;
    member.later = undefined;
  }

  #insert(member: Timed, earlier: Timed | undefined): void {
    const later = earlier === undefined ? this.#first : earlier.later;
    member.earlier = earlier;
    member.later = later;
    if (earlier === undefined) this.#first = member;
    else earlier.later = member;
    if (later === undefined) this.#last = member;
    else later.earlier = member;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(this.#expire, Math.max(1, Math.ceil(at - performance.now()))).unref();
  }

  /** The timer may have been set for a member that was cleared. Then it is set again for the next one. */
  readonly #expire = (): void => {
    this.#timerAt = Infinity;
    const now = performance.now();
    while (this.#first !== undefined && this.#first.dueAt <= now) {
      const due = this.#first;
      this.clear(due);
      due.expire(now);
    }
    if (this.#first !== undefined) this.#arm(this.#first.dueAt);
  };
}
