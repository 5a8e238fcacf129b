import type { IncomingMessage } from "node:http";

import type { Settings } from "../options/read-options.ts";
import { type ClientOf, prepareClientOf } from "./client-of.ts";

/** What one client has in progress. Whoever got it from `enter()` takes one off when the request has ended. */
export interface ClientShare {
  count: number;
}

/** Clients with nothing in progress that may be remembered, since most of them come back at once. */
const mostIdle = 1_000;

/**
 * Counts what each client has in progress, so that no client can take all connections of a target.
 *
 * A client may have `maxConcurrentPerClient`, but never more than a multiple of what is free: as much as is free while the limit is up
 * to half of the connections, and more where the limit asks for it. So the shares shrink with the number of clients that take all they
 * can, and one with nothing in progress is never refused here.
 */
export class ClientShares {
  readonly limit: number;
  readonly #connections: number;
  readonly #shareOfFree: number;
  readonly #clientOf: ClientOf;
  readonly #shares = new Map<string, ClientShare>();

  constructor(settings: Settings) {
    const { maxConcurrentPerClient, connections, targets } = settings;
    this.limit = maxConcurrentPerClient === 0 ? Infinity : maxConcurrentPerClient;
    this.#connections = connections * (targets[0]?.replicas.length ?? 1);
    const left = this.#connections - this.limit;
    this.#shareOfFree = left > 0 ? Math.max(1, this.limit / left) : Infinity;
    this.#clientOf = prepareClientOf(settings);
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#shares.size;
  }

  /**
   * Counts one more request of its client, while `running` others are in progress.
   *
   * @returns where it is counted, `undefined` when clients are not counted, or `false` when the client has too many
   */
  enter(req: IncomingMessage, running: number): ClientShare | undefined | false {
    if (this.limit === Infinity) return undefined;
    const share = this.#shareOf(this.#clientOf(req), running);
    if (share.count > 0 && share.count >= this.#mayHave(running)) return false;
    share.count += 1;
    return share;
  }

  /** The client of a request, and how much it has in progress. */
  stateOf(req: IncomingMessage): { client: string; count: number } {
    const client = this.#clientOf(req);
    return { client, count: this.#shares.get(client)?.count ?? 0 };
  }

  #shareOf(client: string, running: number): ClientShare {
    const known = this.#shares.get(client);
    if (known !== undefined) return known;
    if (this.#shares.size >= running + mostIdle) this.#forgetIdle();
    const share = { count: 0 };
    this.#shares.set(client, share);
    return share;
  }

  #forgetIdle(): void {
    for (const [client, { count }] of this.#shares) if (count === 0) this.#shares.delete(client);
  }

  #mayHave(running: number): number {
    if (this.#shareOfFree === Infinity) return this.limit;
    return Math.min(this.limit, this.#shareOfFree * Math.max(0, this.#connections - running));
  }
}
