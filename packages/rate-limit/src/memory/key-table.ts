import type { KeyHash } from "./key-hash.ts";
import { KeyIndex } from "./key-index.ts";
import { sliceAt, sliceStartMs } from "./slices.ts";
import { SlotOrder } from "./slot-order.ts";
import { WindowSlab } from "./window-slab.ts";

const sharedWindows = 1_024;
/** New keys of expired ones dropped whenever one key is added: more than one, so that the table shrinks back. */
const droppedPerInsert = 8;

/**
 * The windows of all keys of one policy, at most `maxKeys`; about 106 bytes each, whatever the key.
 *
 * A key with a live count is never dropped for another, or flooding the table with keys would wipe counts. While the table is
 * full, new keys share one of 1,024 windows, chosen by their secret hash; a key that gets its own window afterwards starts with
 * what its shared window counts. So a key never gets more than the limit; in a flood, new keys may get less.
 */
export class KeyTable {
  readonly windowMs: number;
  readonly #maxKeys: number;
  readonly #index: KeyIndex;
  /** By the slice of the last charge: the expired ones come first. */
  readonly #order: SlotOrder;
  /** Slots from `maxKeys` on are the shared windows. */
  readonly #windows: WindowSlab;

  constructor(windowMs: number, maxKeys: number) {
    this.windowMs = windowMs;
    this.#maxKeys = maxKeys;
    this.#index = new KeyIndex(maxKeys);
    this.#order = new SlotOrder(maxKeys);
    this.#windows = new WindowSlab(maxKeys + sharedWindows);
  }

  get size(): number {
    return this.#order.size;
  }

  /** The slot that counts for a key: its own or a shared one. */
  find(hash: KeyHash): number {
    return this.#index.find(hash) ?? this.#sharedSlot(hash);
  }

  used(slot: number, nowMs: number): number {
    return this.#windows.total(slot, sliceAt(nowMs, this.windowMs));
  }

  /** Milliseconds until `units` of what counts now have left; `Infinity` when there is not so much. */
  waitFor(slot: number, units: number, nowMs: number): number {
    const slice = this.#windows.sliceWithout(slot, sliceAt(nowMs, this.windowMs), units);
    return sliceStartMs(slice, this.windowMs) - nowMs;
  }

  /** Adds cost for the key that was found in `slot` and gives the slot that took it: a key without a slot of its own may get one. */
  charge(slot: number, key: string, hashes: KeyHash, cost: number, nowMs: number): number {
    const slice = sliceAt(nowMs, this.windowMs);
    const taker = slot < this.#maxKeys ? slot : this.#place(hashes.of(key), slice);
    if (taker < this.#maxKeys && this.#windows.newest(taker) < slice) this.#order.touch(taker);
    this.#windows.add(taker, slice, cost);
    return taker;
  }

  refund(hash: KeyHash, cost: number, atMs: number): void {
    this.#windows.subtract(this.find(hash), sliceAt(atMs, this.windowMs), cost);
  }

  reset(hash: KeyHash): void {
    const slot = this.#index.find(hash);
    if (slot !== undefined) this.#drop(slot);
  }

  /** Drops up to `most` keys whose last charge has left the window. */
  dropExpired(nowMs: number, most: number): void {
    this.#dropExpired(sliceAt(nowMs, this.windowMs), most);
  }

  #place(hash: KeyHash, slice: number): number {
    this.#dropExpired(slice, droppedPerInsert);
    const shared = this.#sharedSlot(hash);
    const slot = this.#order.take();
    if (slot === undefined) return shared;
    this.#index.add(hash, slot);
    this.#windows.copy(shared, slot);
    return slot;
  }

  #dropExpired(slice: number, most: number): void {
    for (let dropped = 0; dropped < most; dropped += 1) {
      const { first } = this.#order;
      if (first === undefined || !this.#windows.isExpired(first, slice)) return;
      this.#drop(first);
    }
  }

  #drop(slot: number): void {
    this.#index.remove(slot);
    this.#order.giveBack(slot);
  }

  #sharedSlot({ high }: KeyHash): number {
    return this.#maxKeys + (high % sharedWindows);
  }
}
