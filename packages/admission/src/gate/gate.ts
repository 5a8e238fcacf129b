import type { Ask, Entrant, LimitCount, Refusal, RefusalReason } from "../store.ts";
import { CapTable } from "./cap-table.ts";
import { areFree, type Cap } from "./cap.ts";
import { ShareTable } from "./share-table.ts";
import type { Share, Waiter } from "./share.ts";

interface GateOptions {
  /** Slots that a new cap may give out. Default: all that it has. */
  readonly permits?: number;
  /** Is notified of free slots before anyone gets them. */
  readonly onReleased?: (caps: readonly Cap[]) => void;
  readonly now?: () => number;
  /** Runs what an admitted request does next: it must neither fail nor wait for the end of the request that freed the slot. */
  readonly defer?: (run: () => void) => void;
}

/**
 * Slots and the queue before them, in one process.
 *
 * Whatever frees a slot serves those that wait at once. So a request that waits lacks a slot, and one that comes and lacks none passes all
 * that wait without taking anything that they could use now.
 */
export class Gate {
  readonly caps: CapTable;
  readonly #shares = new ShareTable();
  readonly #queued = new Map<string, number>();
  readonly #onReleased: GateOptions["onReleased"];
  readonly #now: () => number;
  readonly #defer: (run: () => void) => void;

  constructor({ permits = Infinity, onReleased, now = () => performance.now(), defer = (run) => process.nextTick(run) }: GateOptions = {}) {
    this.caps = new CapTable(permits);
    this.#onReleased = onReleased;
    this.#now = now;
    this.#defer = defer;
  }

  /** Shares that wait, run, or have had more than their turn. */
  get rememberedShares(): number {
    return this.#shares.size;
  }

  /** Shares with requests that wait. */
  get waitingShares(): number {
    return this.#shares.waiting;
  }

  /** Admits the request, queues it or refuses it. Returns how it leaves. */
  enter(ask: Ask, entrant: Entrant): () => void {
    const nowMs = this.#now();
    const caps = ask.demands.map((demand) => this.caps.of(demand, nowMs));
    const share = this.#shares.of(ask.share, nowMs);
    if (!areFree(caps)) return this.#enqueue(ask, entrant, caps, share);
    this.#take(ask, caps, share, nowMs);
    let isHeld = true;
    entrant.admitted(0);
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#release(caps, share);
    };
  }

  /** Serves those that wait and lack nothing any more. */
  dispatch(): void {
    if (this.#shares.waiting === 0) return;
    const nowMs = this.#now();
    for (let waiter = this.#shares.next(nowMs); waiter !== undefined; waiter = this.#shares.next(nowMs)) this.#admit(waiter, nowMs);
  }

  /** The waiting request that is next among those for which `isCandidate` holds. */
  next(isCandidate: (caps: readonly Cap[]) => boolean): Waiter | undefined {
    return this.#shares.next(this.#now(), isCandidate);
  }

  counts(): readonly LimitCount[] {
    const counts = new Map<string, { limit: string; inFlight: number; waiting: number }>();
    for (const cap of this.caps) {
      if (cap.isUnused) continue;
      const { limit, held, waiting } = cap;
      const count = counts.get(limit) ?? { limit, inFlight: 0, waiting: 0 };
      counts.set(limit, count);
      count.inFlight += held;
      if (waiting > 0) count.waiting += waiting;
    }
    return [...counts.values()];
  }

  #enqueue(ask: Ask, entrant: Entrant, caps: readonly Cap[], share: Share): () => void {
    const { queue } = ask;
    const nowMs = this.#now();
    const queued = this.#queued.get(queue.name) ?? 0;
    const isFull = queued >= queue.max;
    if (isFull || share.waiters.length >= queue.maxPerShare) {
      entrant.refused(this.#refusal(isFull ? "queue-full" : "share-full", caps, share));
      for (const cap of caps) this.caps.forgetIfUnused(cap);
      return nothing;
    }
    this.#queued.set(queue.name, queued + 1);
    for (const cap of caps) cap.waiting += 1;
    const rank = nowMs - ask.priority * queue.agingMs;
    const position = this.#positionOf(blocking(caps), share) + 1;
    const waiter: Waiter = { ask, entrant, caps, share, arrivedMs: nowMs, rank, position, timer: undefined, state: "waiting" };
    this.#shares.add(waiter);
    waiter.timer = setTimeout(() => this.#expire(waiter), queue.maxWaitMs).unref();
    entrant.queued?.(position);
    return () => this.#leave(waiter);
  }

  #leave(waiter: Waiter): void {
    const { state } = waiter;
    waiter.state = "gone";
    if (state === "waiting") this.#dequeue(waiter);
    if (state === "admitted") this.#release(waiter.caps, waiter.share);
  }

  #dequeue(waiter: Waiter): void {
    const { caps, timer, ask } = waiter;
    clearTimeout(timer);
    const left = (this.#queued.get(ask.queue.name) ?? 0) - 1;
    if (left > 0) this.#queued.set(ask.queue.name, left);
    else this.#queued.delete(ask.queue.name);
    for (const cap of caps) cap.waiting -= 1;
    this.#shares.remove(waiter);
    for (const cap of caps) this.caps.forgetIfUnused(cap);
  }

  #admit(waiter: Waiter, nowMs: number): void {
    const { ask, caps, share, entrant, position } = waiter;
    this.#take(ask, caps, share, nowMs);
    this.#dequeue(waiter);
    waiter.state = "admitted";
    this.#defer(() => {
      if (waiter.state === "admitted") entrant.admitted(position);
    });
  }

  #expire(waiter: Waiter): void {
    const refusal = this.#refusal("timeout", waiter.caps, waiter.share);
    this.#leave(waiter);
    waiter.entrant.refused(refusal);
  }

  #take({ cost, weight }: Ask, caps: readonly Cap[], share: Share, nowMs: number): void {
    for (const cap of caps) cap.take(nowMs);
    this.#shares.serve(share, cost, weight, nowMs);
  }

  #release(caps: readonly Cap[], share: Share): void {
    const nowMs = this.#now();
    for (const cap of caps) cap.release(nowMs);
    this.#onReleased?.(caps);
    for (const cap of caps) this.caps.forgetIfUnused(cap);
    this.#shares.end(share);
    this.dispatch();
  }

  #refusal(reason: RefusalReason, caps: readonly Cap[], share: Share): Refusal {
    const cap = blocking(caps);
    const turns = this.#positionOf(cap, share) + 1;
    return { limit: cap?.limit ?? "", reason, retryAfterMs: turns * (cap?.intervalMs(this.#now()) ?? 0) };
  }

  /** Requests that a further one of this share would wait for: all, or as many turns of all shares as its share needs. */
  #positionOf(cap: Cap | undefined, share: Share): number {
    return Math.min(cap?.waiting ?? 0, (share.waiters.length + 1) * Math.max(1, this.#shares.waiting) - 1);
  }
}

/** The first that lacks a slot: an own limit before those that are shared, if they are in that order. */
function blocking(caps: readonly Cap[]): Cap | undefined {
  return caps.find((cap) => !cap.isFree) ?? caps[0];
}

function nothing(): void {
  // The request has neither slot nor place.
}
