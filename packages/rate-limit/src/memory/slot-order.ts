/** Hands out the slots 0 to `slots` - 1 and keeps those in use in the order of their last use: a doubly linked ring, 8 bytes each. */
export class SlotOrder {
  readonly #next: Uint32Array;
  readonly #previous: Uint32Array;
  /** Stands between the last and the first slot in use. */
  readonly #end: number;
  /** Slots that were given back, linked by `#next`. */
  #free: number;
  /** Slots from here on were never in use. */
  #fresh = 0;
  #size = 0;

  constructor(slots: number) {
    this.#next = new Uint32Array(slots + 1);
    this.#previous = new Uint32Array(slots + 1);
    this.#end = slots;
    this.#free = slots;
    this.#link(slots, slots);
  }

  get size(): number {
    return this.#size;
  }

  /** All slots below it were in use at some time. */
  get reach(): number {
    return this.#fresh;
  }

  /** The slot whose last use is longest ago. */
  get first(): number | undefined {
    return this.#size === 0 ? undefined : this.#next[this.#end];
  }

  /** A slot that nobody uses, now the last in the order; none when all are in use. */
  take(): number | undefined {
    if (this.#size === this.#end) return undefined;
    const slot = this.#free === this.#end ? this.#fresh : this.#free;
    if (slot === this.#fresh) this.#fresh += 1;
    else this.#free = this.#next[slot] ?? this.#end;
    this.#size += 1;
    this.#append(slot);
    return slot;
  }

  /** Makes a slot the last in the order. */
  touch(slot: number): void {
    this.#unlink(slot);
    this.#append(slot);
  }

  giveBack(slot: number): void {
    this.#unlink(slot);
    this.#next[slot] = this.#free;
    this.#free = slot;
    this.#size -= 1;
  }

  #append(slot: number): void {
    this.#link(this.#previous[this.#end] ?? this.#end, slot);
    this.#link(slot, this.#end);
  }

  #unlink(slot: number): void {
    this.#link(this.#previous[slot] ?? this.#end, this.#next[slot] ?? this.#end);
  }

  #link(one: number, following: number): void {
    this.#next[one] = following;
    this.#previous[following] = one;
  }
}
