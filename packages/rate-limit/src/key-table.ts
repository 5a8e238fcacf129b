import { hash, randomInt } from "node:crypto";

import { sliceAt, slices, SlidingWindow } from "./sliding-window.ts";

const sharedWindows = 1_024;
const longestKey = 64;
/** New keys of expired ones dropped whenever one key is added: more than one, so that the table shrinks back. */
const droppedPerInsert = 8;

/**
 * The windows of all keys of one policy, at most `maxKeys`.
 *
 * A key with a live count is never dropped for another, or flooding the table with keys would wipe counts. While the table is
 * full, new keys share one of 1,024 windows, chosen by a secret hash; a key that gets its own window afterwards starts with
 * what its shared window counts. So a key never gets more than the limit; in a flood, new keys may get less.
 */
export class KeyTable {
  readonly windowMs: number;
  readonly #maxKeys: number;
  /** In the order of their last charge, by slice: the expired ones are in front. */
  readonly #own = new Map<string, SlidingWindow>();
  readonly #shared = new Map<number, SlidingWindow>();
  readonly #seed = randomInt(2 ** 32);

  constructor(windowMs: number, maxKeys: number) {
    this.windowMs = windowMs;
    this.#maxKeys = maxKeys;
  }

  get size(): number {
    return this.#own.size;
  }

  /** The window that counts for the key, up to date; none when nothing is counted. */
  find(key: string, nowMs: number): SlidingWindow | undefined {
    const window = this.#lookUp(bounded(key));
    window?.advance(sliceAt(nowMs, this.windowMs));
    return window;
  }

  /** Adds cost and gives the window that took it, up to date. */
  charge(key: string, cost: number, nowMs: number): SlidingWindow {
    const id = bounded(key);
    const slice = sliceAt(nowMs, this.windowMs);
    const window = this.#own.get(id) ?? this.#place(id, slice);
    window.advance(slice);
    if (window.charged < slice && this.#own.delete(id)) this.#own.set(detached(id), window);
    window.add(cost);
    return window;
  }

  refund(key: string, cost: number, atMs: number): void {
    this.#lookUp(bounded(key))?.subtract(sliceAt(atMs, this.windowMs), cost);
  }

  reset(key: string): void {
    this.#own.delete(bounded(key));
  }

  /** Drops up to `most` keys whose last charge has left the window, and every shared window of that kind. */
  dropExpired(nowMs: number, most: number): void {
    const slice = sliceAt(nowMs, this.windowMs);
    this.#dropFront(slice, most);
    for (const [id, window] of this.#shared) if (isExpired(window, slice)) this.#shared.delete(id);
  }

  #lookUp(id: string): SlidingWindow | undefined {
    return this.#own.get(id) ?? (this.#shared.size === 0 ? undefined : this.#shared.get(this.#sharedId(id)));
  }

  #place(id: string, slice: number): SlidingWindow {
    this.#dropFront(slice, droppedPerInsert);
    const sharedId = this.#sharedId(id);
    const shared = this.#shared.get(sharedId);
    if (this.#own.size >= this.#maxKeys) {
      const window = shared ?? new SlidingWindow(slice);
      this.#shared.set(sharedId, window);
      return window;
    }
    const window = shared?.copy() ?? new SlidingWindow(slice);
    this.#own.set(detached(id), window);
    return window;
  }

  #dropFront(slice: number, most: number): void {
    let left = most;
    for (const [id, window] of this.#own) {
      if (left === 0 || !isExpired(window, slice)) return;
      this.#own.delete(id);
      left -= 1;
    }
  }

  /** FNV-1a from a secret start, so that nobody can aim at the shared window of somebody else. */
  #sharedId(id: string): number {
    let sum = this.#seed;
    for (let index = 0; index < id.length; index += 1) sum = Math.imul(sum ^ id.charCodeAt(index), 16_777_619);
    return (sum >>> 8) % sharedWindows;
  }
}

function isExpired(window: SlidingWindow, slice: number): boolean {
  return slice - window.charged > slices;
}

/** Long keys are kept as their digest, so that whoever chooses the key does not choose its size. */
function bounded(key: string): string {
  return key.length > longestKey ? hash("sha256", key, "base64") : key;
}

/** A copy in memory of its own: a part of a header would keep the whole header alive. */
function detached(id: string): string {
  return Buffer.from(id, "utf16le").toString("utf16le");
}
