import { ringSize, slices } from "./slices.ts";

type Cells = Uint16Array | Uint32Array | Float64Array;

/**
 * A fixed number of sliding windows in a few typed arrays: for each, a ring of the newest slice and the 32 before it.
 *
 * While the sum of a ring is at most the limit, no trailing window exceeds it. A window takes 82 bytes while no slice counts more
 * than 65,535, 148 bytes up to 2^32 - 1, and 280 bytes above: all cells are made wider when the first one overflows. The memory
 * is reserved at once; the operating system provides it as windows are used.
 */
export class WindowSlab {
  #cells: Cells;
  #mostPerCell = 2 ** 16 - 1;
  /** The slice of the last charge. Once it has left the window, nothing is left to know. */
  readonly #newest: Float64Array;
  /** The sum of the ring as of the newest slice. */
  readonly #totals: Float64Array;
  /** The last slice that was looked for, and its place in a ring: a remainder costs as much as all the rest. */
  #slice = 0;
  #place = 0;

  constructor(windows: number) {
    this.#cells = new Uint16Array(windows * ringSize);
    this.#newest = new Float64Array(windows);
    this.#totals = new Float64Array(windows);
  }

  /** The cost in the window that ends in `slice`. */
  total(slot: number, slice: number): number {
    const total = this.#totals[slot] ?? 0;
    return total === 0 ? 0 : total - this.#gone(slot, slice);
  }

  /** Whether the last charge has left the window. */
  isExpired(slot: number, slice: number): boolean {
    return slice - this.newest(slot) > slices;
  }

  newest(slot: number): number {
    return this.#newest[slot] ?? 0;
  }

  /** Adds cost in a slice that is not earlier than the newest, and forgets what has left the window. */
  add(slot: number, slice: number, cost: number): void {
    this.#advance(slot, slice);
    this.#put(slot * ringSize + this.#placeOf(slice), cost);
    this.#totals[slot] = (this.#totals[slot] ?? 0) + cost;
  }

  /** Takes cost out of the slice where it was added, as far as it is still there. */
  subtract(slot: number, slice: number, cost: number): void {
    const newest = this.newest(slot);
    if (slice <= newest - ringSize || slice > newest) return;
    const cell = slot * ringSize + this.#placeOf(slice);
    const taken = Math.min(cost, this.#cells[cell] ?? 0);
    this.#cells[cell] = (this.#cells[cell] ?? 0) - taken;
    this.#totals[slot] = (this.#totals[slot] ?? 0) - taken;
  }

  /** The slice in which `units` of what counts in `slice` will have left; `Infinity` when there is not so much. */
  sliceWithout(slot: number, slice: number, units: number): number {
    const newest = this.newest(slot);
    const ring = slot * ringSize;
    // Often all that counts is new, above all in long windows.
    if (newest >= slice - slices && this.#cells[ring + this.#placeOf(newest)] === this.#totals[slot]) {
      return units <= (this.#totals[slot] ?? 0) ? newest + ringSize : Infinity;
    }
    const oldest = Math.max(0, Math.max(newest, slice) - slices);
    let gone = 0;
    for (let at = oldest, place = this.#placeOf(at); at <= newest; at += 1, place = place === slices ? 0 : place + 1) {
      gone += this.#cells[ring + place] ?? 0;
      if (gone >= units) return at + ringSize;
    }
    return Infinity;
  }

  /** Shows what each slice of a window counts, the oldest first. */
  visit(slot: number, show: (slice: number, cost: number) => void): void {
    const newest = this.newest(slot);
    for (let at = Math.max(0, newest - slices); at <= newest; at += 1) {
      const cost = this.#cells[slot * ringSize + (at % ringSize)] ?? 0;
      if (cost > 0) show(at, cost);
    }
  }

  /** Makes one window count the same as another. */
  copy(from: number, to: number): void {
    this.#cells.copyWithin(to * ringSize, from * ringSize, (from + 1) * ringSize);
    this.#newest[to] = this.newest(from);
    this.#totals[to] = this.#totals[from] ?? 0;
  }

  /**
   * Makes `into` count the larger of what both count, now and at any later time, until all of it has left: from the newest slice back,
   * each sum of slices is the larger one.
   */
  absorb(from: number, into: number): void {
    const newest = Math.max(this.newest(from), this.newest(into));
    let [fromSum, intoSum, sum] = [0, 0, 0];
    for (let at = newest; at > newest - ringSize && at >= 0; at -= 1) {
      fromSum += this.#costIn(from, at);
      intoSum += this.#costIn(into, at);
      const larger = Math.max(fromSum, intoSum);
      this.#set(into * ringSize + (at % ringSize), larger - sum);
      sum = larger;
    }
    this.#newest[into] = newest;
    this.#totals[into] = sum;
  }

  /** The cost in one slice; a cell may still hold that of a slice 33 before. */
  #costIn(slot: number, slice: number): number {
    const newest = this.newest(slot);
    return slice > newest || slice <= newest - ringSize ? 0 : (this.#cells[slot * ringSize + (slice % ringSize)] ?? 0);
  }

  /** What leaves the window until `slice`: a slice takes over the cell of the one 33 before it. */
  #gone(slot: number, slice: number): number {
    const newest = this.newest(slot);
    if (slice <= newest) return 0;
    if (slice - newest > slices) return this.#totals[slot] ?? 0;
    const ring = slot * ringSize;
    let gone = 0;
    for (let at = newest, place = this.#placeOf(at); at < slice; at += 1) {
      place = place === slices ? 0 : place + 1;
      gone += this.#cells[ring + place] ?? 0;
    }
    return gone;
  }

  #advance(slot: number, slice: number): void {
    const newest = this.newest(slot);
    if (slice === newest) return;
    this.#totals[slot] = this.total(slot, slice);
    this.#newest[slot] = slice;
    const first = Math.max(newest + 1, slice - slices);
    for (let at = first; at <= slice; at += 1) this.#cells[slot * ringSize + (at % ringSize)] = 0;
  }

  #placeOf(slice: number): number {
    if (slice !== this.#slice) {
      this.#slice = slice;
      this.#place = slice % ringSize;
    }
    return this.#place;
  }

  #put(cell: number, cost: number): void {
    this.#set(cell, (this.#cells[cell] ?? 0) + cost);
  }

  #set(cell: number, count: number): void {
    if (count > this.#mostPerCell) this.#widen(count);
    this.#cells[cell] = count;
  }

  #widen(count: number): void {
    const fits32 = count < 2 ** 32;
    this.#cells = fits32 ? new Uint32Array(this.#cells) : new Float64Array(this.#cells);
    this.#mostPerCell = fits32 ? 2 ** 32 - 1 : Infinity;
  }
}
