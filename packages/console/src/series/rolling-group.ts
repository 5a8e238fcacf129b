import { Rolling } from "./rolling.ts";

/** Rows of counters that only grow, as one process reports them. */
export type CounterRows = readonly (readonly [key: string, row: readonly number[]])[];

/** The windows of all keys of one kind, over all processes. Bounded; a key that counted nothing for a window makes room. */
export class RollingGroup {
  readonly #width: number;
  readonly #maxKeys: number;
  readonly #windows = new Map<string, Rolling>();
  /** What each process reported last. */
  #previous = new Map<string, ReadonlyMap<string, readonly number[]>>();
  #slot = 0;

  constructor(width: number, maxKeys: number) {
    this.#width = width;
    this.#maxKeys = maxKeys;
  }

  advance(slot: number): void {
    this.#slot = slot;
    for (const [key, window] of this.#windows) {
      window.advance(slot);
      if (window.isEmpty) this.#windows.delete(key);
    }
  }

  /**
   * Adds what has been counted since the last report of the process.
   *
   * @param isBaseline the counts are older than this window, so they are only noted
   * @returns what was added, key by key
   */
  take(process: string, rows: CounterRows, isBaseline = false): readonly (readonly number[])[] {
    const before = this.#previous.get(process);
    this.#previous.set(process, new Map(rows));
    if (isBaseline) return [];
    return rows.flatMap(([key, row]) => {
      const delta = difference(row, before?.get(key));
      if (delta === undefined) return [];
      this.#windowOf(key)?.add(delta);
      return [delta];
    });
  }

  /** Forgets processes that are gone. */
  keep(processes: ReadonlySet<string>): void {
    for (const process of this.#previous.keys()) if (!processes.has(process)) this.#previous.delete(process);
  }

  entries(): [key: string, window: Rolling][] {
    return [...this.#windows];
  }

  #windowOf(key: string): Rolling | undefined {
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    if (this.#windows.size >= this.#maxKeys) return undefined;
    const made = new Rolling(this.#width, this.#slot);
    this.#windows.set(key, made);
    return made;
  }
}

/** What was added to a row; the whole row if a counter has been reset. `undefined` if nothing was. */
function difference(row: readonly number[], before: readonly number[] | undefined): readonly number[] | undefined {
  if (before === undefined) return row;
  const delta = row.map((value, index) => value - (before[index] ?? 0));
  if (delta.some((change) => change < 0)) return row;
  return delta.some((change) => change > 0) ? delta : undefined;
}
