import type { KeyHash } from "./key-hash.ts";
import { KeyIndex } from "./key-index.ts";
import { SlidingWindows } from "./sliding-windows.ts";
import { SlotOrder } from "./slot-order.ts";

const sharedWindows = 1_024;
/** Keys of which the one that has used least is evicted for a new one. */
const candidates = 8;
/** New keys of expired ones dropped whenever one key is added: more than one, so that the table shrinks back. */
const droppedPerInsert = 8;
const mostLengths = 8;
const unaskedMs = 60_000;

/**
 * The windows of all keys of one policy, at most `maxKeys`; about 106 bytes each, whatever the key.
 *
 * While the table is full, a new key takes the place of one that has used little. What that one has used is remembered in one of 1,024
 * shared windows, chosen by its secret hash, which count the most that any of their keys has used; a key without its own slot
 * starts with that. So flooding the table with keys wipes no count, and a key never gets more than its limit. A new one gets less: about
 * one request for every `maxKeys` new keys that came within the window.
 *
 * A policy may be asked for with several lengths of window, as while a change of configuration is rolled out: each charge counts in
 * all of them. A new length starts with what the others count; one that nobody has asked for in a minute is given up.
 */
export class KeyTable {
  readonly #maxKeys: number;
  readonly #index: KeyIndex;
  /** By the time of the last charge: the expired ones come first. */
  readonly #order: SlotOrder;
  /** Where the next candidates for an eviction are. */
  #hand = 0;
  /** Of each length; slots from `maxKeys` on are the shared windows. */
  #windows: SlidingWindows[] = [];

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
    this.#index = new KeyIndex(maxKeys);
    this.#order = new SlotOrder(maxKeys);
  }

  get size(): number {
    return this.#order.size;
  }

  /** The windows of a length. */
  windows(windowMs: number, nowMs: number): SlidingWindows {
    for (const windows of this.#windows) {
      if (windows.windowMs !== windowMs) continue;
      windows.askedMs = nowMs;
      return windows;
    }
    return this.#addLength(windowMs, nowMs);
  }

  /** The slot that counts for a key: its own or a shared one. */
  find(hash: KeyHash): number {
    return this.#index.find(hash) ?? this.#sharedSlot(hash);
  }

  /** Adds cost for the key that was found in `slot` and gives the slot that took it: a key without its own slot may get one. */
  charge(slot: number, key: string, hashes: KeyHash, cost: number, nowMs: number): number {
    const taker = slot < this.#maxKeys ? slot : this.#place(hashes.of(key), nowMs);
    let isLater = false;
    for (const windows of this.#windows) isLater = windows.add(taker, cost, nowMs) || isLater;
    if (isLater && taker < this.#maxKeys) this.#order.touch(taker);
    return taker;
  }

  /** Without its own slot a key gets nothing back: its shared window counts what others have used, too. */
  refund(hash: KeyHash, cost: number, atMs: number): void {
    const slot = this.#index.find(hash);
    if (slot === undefined) return;
    for (const windows of this.#windows) windows.subtract(slot, cost, atMs);
  }

  reset(hash: KeyHash): void {
    const slot = this.#index.find(hash);
    if (slot !== undefined) this.#drop(slot);
  }

  /** Drops up to `most` keys whose last charge has left all windows. */
  dropExpired(nowMs: number, most: number): void {
    for (let dropped = 0; dropped < most; dropped += 1) {
      const { first } = this.#order;
      if (first === undefined || this.#windows.some((windows) => !windows.isExpired(first, nowMs))) return;
      this.#drop(first);
    }
  }

  /** Gives up lengths that nobody has asked for in a minute, except the one that was asked for last. */
  dropUnasked(nowMs: number): void {
    if (this.#windows.length < 2) return;
    const latestMs = Math.max(...this.#windows.map(({ askedMs }) => askedMs));
    this.#windows = this.#windows.filter(({ askedMs }) => askedMs === latestMs || nowMs - askedMs < unaskedMs);
  }

  #addLength(windowMs: number, nowMs: number): SlidingWindows {
    const added = new SlidingWindows(windowMs, this.#maxKeys + sharedWindows);
    const byLength = this.#windows.toSorted((one, other) => one.windowMs - other.windowMs);
    // A longer one knows all that counts in a shorter one.
    const source = byLength.find((windows) => windows.windowMs > windowMs) ?? byLength.at(-1);
    if (source !== undefined) this.#adopt(added, source, nowMs);
    const byAsked = this.#windows.toSorted((one, other) => other.askedMs - one.askedMs);
    this.#windows = [added, ...byAsked.slice(0, mostLengths - 1)];
    added.askedMs = nowMs;
    return added;
  }

  #adopt(added: SlidingWindows, source: SlidingWindows, nowMs: number): void {
    for (let slot = 0; slot < this.#order.reach; slot += 1) added.adopt(source, slot, nowMs);
    for (let shared = 0; shared < sharedWindows; shared += 1) added.adopt(source, this.#maxKeys + shared, nowMs);
  }

  #place(hash: KeyHash, nowMs: number): number {
    this.dropExpired(nowMs, droppedPerInsert);
    if (this.#order.size === this.#maxKeys) this.#evict(nowMs);
    const shared = this.#sharedSlot(hash);
    const slot = this.#order.take();
    if (slot === undefined) return shared;
    this.#index.add(hash, slot);
    for (const windows of this.#windows) windows.copy(shared, slot);
    return slot;
  }

  /** Gives up the least used of some keys; the next time others are looked at, so that nobody can arrange which. */
  #evict(nowMs: number): void {
    let [victim, least] = [this.#hand, Infinity];
    for (let looked = 0; looked < Math.min(candidates, this.#maxKeys); looked += 1) {
      const used = this.#windows[0]?.used(this.#hand, nowMs) ?? 0;
      if (used < least) [victim, least] = [this.#hand, used];
      this.#hand = (this.#hand + 1) % this.#maxKeys;
    }
    const shared = this.#maxKeys + (this.#index.highOf(victim) % sharedWindows);
    for (const windows of this.#windows) windows.absorb(victim, shared);
    this.#drop(victim);
  }

  #drop(slot: number): void {
    this.#index.remove(slot);
    this.#order.giveBack(slot);
  }

  #sharedSlot({ high }: KeyHash): number {
    return this.#maxKeys + (high % sharedWindows);
  }
}
