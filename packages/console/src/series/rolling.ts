/** Length of a slot of the history, in milliseconds. */
export const slotMs = 5_000;
/** Slots of the history: 15 minutes. */
export const slotCount = 180;
export const windowMs = slotMs * slotCount;

/** When counts were read, and the slot that they belong to. */
export interface Moment {
  readonly nowMs: number;
  /** The number of the slot since 1970. */
  readonly slot: number;
  /** How much of the slot is over. */
  readonly elapsedMs: number;
}

/** What was counted between two readings belongs to the slot of their middle: a reading that comes late then shifts nothing. */
export function momentOf(previousMs: number, nowMs: number): Moment {
  const slot = Math.floor((previousMs + nowMs) / 2 / slotMs);
  return { nowMs, slot, elapsedMs: Math.max(1_000, Math.min(slotMs, nowMs - slot * slotMs)) };
}

/** Counters over the last 15 minutes: a fixed ring of slots with five seconds each, and their total. */
export class Rolling {
  readonly #width: number;
  readonly #slots: Float32Array;
  readonly #total: Float64Array;
  #current: number;
  #lastAdded: number;

  /** @param slot the number of the current slot since 1970 */
  constructor(width: number, slot: number) {
    this.#width = width;
    this.#slots = new Float32Array(width * slotCount);
    this.#total = new Float64Array(width);
    this.#current = slot;
    this.#lastAdded = slot;
  }

  /** Moves on to a slot and forgets those that are older than the window. */
  advance(slot: number): void {
    const steps = Math.min(slot - this.#current, slotCount);
    for (let step = 0; step < steps; step += 1) this.#clear((slot - step) % slotCount);
    if (slot > this.#current) this.#current = slot;
  }

  add(delta: ArrayLike<number>): void {
    const start = (this.#current % slotCount) * this.#width;
    for (let index = 0; index < this.#width; index += 1) {
      const change = delta[index] ?? 0;
      if (change <= 0) continue;
      this.#slots[start + index] = (this.#slots[start + index] ?? 0) + change;
      this.#total[index] = (this.#total[index] ?? 0) + change;
      this.#lastAdded = this.#current;
    }
  }

  /** The sums of the whole window. */
  get total(): Float64Array {
    return this.#total;
  }

  /** Whether nothing was counted in the window. */
  get isEmpty(): boolean {
    return this.#current - this.#lastAdded >= slotCount;
  }

  /** The counters of one slot; zeros for one outside the window. */
  slot(slot: number): Float32Array {
    if (slot > this.#current || slot <= this.#current - slotCount) return new Float32Array(this.#width);
    const start = (slot % slotCount) * this.#width;
    return this.#slots.subarray(start, start + this.#width);
  }

  /** The sum of one counter over the newest slots. */
  recent(index: number, slots: number): number {
    let sum = 0;
    for (let back = 0; back < slots; back += 1) sum += this.slot(this.#current - back)[index] ?? 0;
    return sum;
  }

  #clear(position: number): void {
    const start = position * this.#width;
    for (let index = 0; index < this.#width; index += 1) {
      this.#total[index] = Math.max(0, (this.#total[index] ?? 0) - (this.#slots[start + index] ?? 0));
      this.#slots[start + index] = 0;
    }
  }
}
