import type { KeyHash } from "./key-hash.ts";

/** Finds the slot of a key by its hash: open addressing with linear probing, at most half full, 16 to 24 bytes for each slot. */
export class KeyIndex {
  /** Slot + 1 at the place of its hash or after it; 0 is free. */
  readonly #places: Uint32Array;
  readonly #mask: number;
  readonly #lows: Uint32Array;
  readonly #highs: Uint32Array;

  constructor(slots: number) {
    const size = 2 ** Math.ceil(Math.log2(slots * 2));
    this.#places = new Uint32Array(size);
    this.#mask = size - 1;
    this.#lows = new Uint32Array(slots);
    this.#highs = new Uint32Array(slots);
  }

  find({ low, high }: KeyHash): number | undefined {
    for (let place = low & this.#mask; ; place = (place + 1) & this.#mask) {
      const slot = (this.#places[place] ?? 0) - 1;
      if (slot === -1) return undefined;
      if (this.#lows[slot] === low && this.#highs[slot] === high) return slot;
    }
  }

  /** The second half of the hash in a slot. */
  highOf(slot: number): number {
    return this.#highs[slot] ?? 0;
  }

  /** Adds a hash that is not there yet. */
  add({ low, high }: KeyHash, slot: number): void {
    this.#lows[slot] = low;
    this.#highs[slot] = high;
    let place = low & this.#mask;
    while (this.#places[place] !== 0) place = (place + 1) & this.#mask;
    this.#places[place] = slot + 1;
  }

  /** Removes a slot and moves up what stands after it, so that no search ends too early. */
  remove(slot: number): void {
    let gap = this.#home(slot);
    while (this.#places[gap] !== slot + 1) gap = (gap + 1) & this.#mask;
    for (let place = (gap + 1) & this.#mask; this.#places[place] !== 0; place = (place + 1) & this.#mask) {
      const moved = this.#places[place] ?? 0;
      const fromHome = (place - this.#home(moved - 1)) & this.#mask;
      if (fromHome < ((place - gap) & this.#mask)) continue;
      this.#places[gap] = moved;
      gap = place;
    }
    this.#places[gap] = 0;
  }

  #home(slot: number): number {
    return (this.#lows[slot] ?? 0) & this.#mask;
  }
}
