import { areFree } from "./cap.ts";
import { Share, type Waiter } from "./share.ts";

/** Idle shares that are remembered because they are ahead of the others. */
const mostIdle = 1_000;

/**
 * The fair order of shares: start-time fair queueing.
 *
 * It serves shares by weight as deficit round robin does, and needs no quantum, so that costs may be tokens. Virtual time is the tag of
 * the request that was served last. A share that comes back begins at the present: it has neither saved up turns nor lost any.
 */
export class ShareTable {
  readonly #shares = new Map<string, Share>();
  readonly #waiting = new Set<Share>();
  #virtualTime = 0;
  #running = 0;

  /** Shares with waiting requests. */
  get waiting(): number {
    return this.#waiting.size;
  }

  get size(): number {
    return this.#shares.size;
  }

  of(name: string, nowMs: number): Share {
    const known = this.#shares.get(name);
    if (known !== undefined) return known;
    if (this.#shares.size >= mostIdle + this.#running + this.#waiting.size) this.#forgetIdle();
    const share = new Share(name, this.#virtualTime, nowMs);
    this.#shares.set(name, share);
    return share;
  }

  add(waiter: Waiter): void {
    const { share } = waiter;
    if (share.waiters.length === 0) share.finishTag = Math.max(share.finishTag, this.#virtualTime);
    share.add(waiter);
    this.#waiting.add(share);
  }

  remove(waiter: Waiter): void {
    const { share } = waiter;
    share.remove(waiter);
    if (share.waiters.length === 0) this.#waiting.delete(share);
    this.#forgetIfPast(share);
  }

  serve(share: Share, cost: number, weight: number, nowMs: number): void {
    this.#virtualTime = Math.max(share.finishTag, this.#virtualTime);
    share.finishTag = this.#virtualTime + cost / weight;
    share.servedMs = nowMs;
    share.running += 1;
    this.#running += 1;
  }

  end(share: Share): void {
    share.running -= 1;
    this.#running -= 1;
    this.#forgetIfPast(share);
  }

  /**
   * The waiting request that is served next: of the highest level, that of the share with the lowest tag.
   *
   * The level is the priority, and grows while its share gets nothing, up to the highest priority that waits.
   */
  next(nowMs: number, isFree: (caps: Waiter["caps"]) => boolean = areFree): Waiter | undefined {
    const heads: Waiter[] = [];
    let top = -Infinity;
    for (const share of this.#waiting) {
      const head = share.firstFree(isFree);
      if (head === undefined) continue;
      heads.push(head);
      top = Math.max(top, head.ask.priority);
    }
    let best: Waiter | undefined;
    let bestLevel = -Infinity;
    for (const head of heads) {
      const level = Math.min(top, levelOf(head, nowMs));
      if (best !== undefined && (level < bestLevel || (level === bestLevel && head.share.finishTag >= best.share.finishTag))) continue;
      [best, bestLevel] = [head, level];
    }
    return best;
  }

  #forgetIfPast(share: Share): void {
    if (share.isIdle && share.finishTag <= this.#virtualTime) this.#shares.delete(share.name);
  }

  /** The older half of the idle ones: room for many that follow. */
  #forgetIdle(): void {
    let excess = mostIdle / 2;
    for (const share of this.#shares.values()) {
      if (excess === 0) return;
      if (!share.isIdle) continue;
      this.#shares.delete(share.name);
      excess -= 1;
    }
  }
}

function levelOf({ ask, share, arrivedMs }: Waiter, nowMs: number): number {
  const unservedMs = nowMs - Math.max(share.servedMs, arrivedMs);
  return ask.priority + Math.floor(unservedMs / ask.queue.agingMs);
}
