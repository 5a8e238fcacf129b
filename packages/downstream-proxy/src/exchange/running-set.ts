import type { IncomingMessage } from "node:http";

import type { ClientShare, ClientShares } from "../clients/client-shares.ts";

/** Something that `close()` waits for, and cuts when it has waited long enough. */
export interface Running {
  /** Where the set keeps it; nobody else writes this. */
  slot: number;
  /** Where it is counted for its client; nobody else writes this either. */
  share: ClientShare | undefined;
  cut(): void;
}

/**
 * What runs through a proxy at the moment.
 *
 * An array whose members know their places: a `Set` would do, but one that changes with every request keeps ended requests from
 * being collected while they are young, and costs a tenth of the throughput.
 */
export class RunningSet {
  readonly #shares: ClientShares;
  readonly #members: Running[] = [];
  #onEmpty: (() => void) | undefined;

  constructor(shares: ClientShares) {
    this.#shares = shares;
  }

  /**
   * Counts a request for its client, then makes what runs for it: a refused request costs no more than the look at its client.
   *
   * @returns `undefined` when the client has too much in progress
   * @throws what `make` throws; then nothing is counted
   */
  enter<Member extends Running>(req: IncomingMessage, make: () => Member): Member | undefined {
    const share = this.#shares.enter(req, this.#members.length);
    if (share === false) return undefined;
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

  /** Resolves when nothing runs any more; what still runs after `deadlineMs` is cut. */
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
}
