/** Something that is kept for a while, and may still be completed. */
export interface Numbered {
  /** Its number in the process. */
  readonly number: number;
  /** Grows with every entry and every change of one. */
  seq: number;
  /** When it happened, in milliseconds since 1970. */
  readonly at: number;
}

/** The last entries of a kind: a fixed number, the oldest first. */
export class EntryRing<T extends Numbered> {
  readonly #size: number;
  readonly #entries: T[] = [];
  #added = 0;
  #seq = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get seq(): number {
    return this.#seq;
  }

  add(entry: Omit<T, "number" | "seq">): T {
    const added = { ...entry, number: this.#added, seq: (this.#seq += 1) } as T;
    this.#entries[this.#added % this.#size] = added;
    this.#added += 1;
    return added;
  }

  /** Marks an entry as changed, so that those who have it get it again. */
  touch(entry: T): void {
    entry.seq = this.#seq += 1;
  }

  /** The entries that were added or changed after a number. */
  since(seq: number): T[] {
    if (seq >= this.#seq) return [];
    return this.#entries.filter((entry) => entry.seq > seq).sort((one, other) => one.at - other.at);
  }
}
