import type { Ask, Entrant } from "../store.ts";
import { areFree, type Cap } from "./cap.ts";

/**
 * A tenant in the fair order.
 *
 * `finishTag` is the point in virtual time up to which the share has had its turn: each request moves it on by its cost divided by the weight
 * of the share. The share with the lowest tag is next.
 */
export class Share {
  readonly name: string;
  finishTag: number;
  running = 0;
  servedMs: number;
  /** In the order in which they are served, priority included. */
  readonly waiters: Waiter[] = [];

  constructor(name: string, finishTag: number, nowMs: number) {
    this.name = name;
    this.finishTag = finishTag;
    this.servedMs = nowMs;
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiters.length === 0;
  }

  add(waiter: Waiter): void {
    // Most come last, so the search begins at the end.
    let at = this.waiters.length;
    while (at > 0 && (this.waiters[at - 1]?.rank ?? 0) > waiter.rank) at -= 1;
    this.waiters.splice(at, 0, waiter);
  }

  remove(waiter: Waiter): void {
    const at = this.waiters.indexOf(waiter);
    if (at !== -1) this.waiters.splice(at, 1);
  }

  /** The first that lacks nothing. An entrant that waits for its key does not hold up the others. */
  firstFree(isFree: (caps: Waiter["caps"]) => boolean = areFree): Waiter | undefined {
    for (const waiter of this.waiters) if (isFree(waiter.caps)) return waiter;
    return undefined;
  }
}

/** A request that waits for slots. */
export interface Waiter {
  readonly ask: Ask;
  readonly entrant: Entrant;
  readonly caps: readonly Cap[];
  readonly share: Share;
  readonly arrivedMs: number;
  /** Order within its share: a level of priority is a head start. */
  readonly rank: number;
  readonly position: number;
  timer: NodeJS.Timeout | undefined;
  state: "waiting" | "admitted" | "gone";
}
