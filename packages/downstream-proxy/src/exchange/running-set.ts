import type { IncomingMessage } from "node:http";

import { type ClientShare, ClientShares } from "../clients/client-shares.ts";
import type { Settings } from "../options/read-options.ts";
import { tooManyConcurrent } from "../report/errors.ts";
import { concurrencyExceeded } from "../report/events.ts";

/** A request or connection that `close()` waits for, and cuts at its deadline. */
export interface Running {
  /** Its index in the set. Only the set writes it. */
  slot: number;
  /** The share it counts towards. Only the set writes it. */
  share: ClientShare | undefined;
  cut(): void;
}

/**
 * The requests and connections that run through a proxy at the moment.
 *
 * This is an array whose members know their index. A `Set` that changes with every request would keep ended requests from being collected
 * while they are young, which costs a tenth of the throughput.
 */
export class RunningSet {
  readonly #settings: Settings;
  readonly #shares: ClientShares;
  readonly #members: Running[] = [];
  #onEmpty: (() => void) | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#shares = new ClientShares(settings);
  }

  /** How many members it has. */
  get size(): number {
    return this.#members.length;
  }

  /**
   * Counts a request for its client, then makes its member. A refused request costs only the lookup of its client.
   *
   * @throws HttpProblem 429 `too-many-concurrent-requests` if the client has too much in progress
   * @throws what `make` throws; then nothing is counted
   */
  enter<Member extends Running>(req: IncomingMessage, make: () => Member): Member {
    const share = this.#shares.enter(req, this.#members.length);
    if (share === false) throw this.#tooMany(req);
    try {
      const member = make();
      member.share = share;
      member.slot = this.#members.push(member) - 1;
      return member;
    } catch (error) {
      if (share !== undefined) share.count -= 1;
      throw error;
    }
  }

  delete(member: Running): void {
    if (this.#members[member.slot] !== member) return;
    if (member.share !== undefined) member.share.count -= 1;
    const last = this.#members.pop();
    if (last !== undefined && last !== member) {
      last.slot = member.slot;
      this.#members[member.slot] = last;
    }
    if (this.#members.length === 0) this.#onEmpty?.();
  }

  cutAll(): void {
    const members = this.#members.slice();
    for (const member of members) member.cut();
  }

  /** Resolves when nothing runs any more. After `deadlineMs` the remaining members are cut. */
  async drain(deadlineMs: number | undefined): Promise<void> {
    if (this.#members.length === 0) return;
    const timer = deadlineMs === undefined ? undefined : setTimeout(() => this.cutAll(), deadlineMs);
    await new Promise<void>((resolve) => {
      const before = this.#onEmpty;
      this.#onEmpty = () => {
        before?.();
        resolve();
      };
    });
    clearTimeout(timer);
  }

  #tooMany(req: IncomingMessage): Error {
    const { targets, retryAfterMs } = this.#settings;
    const { client, count } = this.#shares.stateOf(req);
    if (concurrencyExceeded.hasSubscribers) {
      concurrencyExceeded.publish({ req, target: targets[0]?.name ?? "", client, count, limit: this.#shares.limit });
    }
    return tooManyConcurrent(count, retryAfterMs);
  }
}
