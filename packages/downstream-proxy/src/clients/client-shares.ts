import type { IncomingMessage } from "node:http";

import { type ClientOf, type ClientSettings, prepareClientOf } from "./client-of.ts";

interface ShareSettings extends ClientSettings {
  readonly maxConcurrentPerClient: number;
  readonly connections: number;
  readonly targets: readonly { readonly replicas: readonly unknown[] }[];
  readonly principal: ((req: IncomingMessage) => string | undefined) | undefined;
}

/** What one client has in progress. The caller of `enter()` decrements it when the request has ended. */
export interface ClientShare {
  count: number;
}

/** How many idle clients are remembered, since most of them send another request at once. */
const maxIdle = 1_000;

/**
 * Counts the requests in progress of each client, so that no client can take all connections of a target.
 *
 * A client may have `maxConcurrentPerClient` requests, but never more than a multiple of the free connections. That multiple is one for a
 * limit of up to half of the connections, and larger for a larger limit. So the shares shrink as more clients take all they can, and a
 * client with nothing in progress is never refused here. A principal counts as one client, from all its addresses.
 */
export class ClientShares {
  readonly limit: number;
  readonly #connections: number;
  readonly #shareOfFree: number;
  readonly #clientOf: ClientOf;
  readonly #shares = new Map<string, ClientShare>();

  constructor(settings: ShareSettings) {
    const { maxConcurrentPerClient, connections, targets } = settings;
    this.limit = maxConcurrentPerClient === 0 ? Infinity : maxConcurrentPerClient;
    this.#connections = connections * (targets[0]?.replicas.length ?? 1);
    const left = this.#connections - this.limit;
    this.#shareOfFree = left > 0 ? Math.max(1, this.limit / left) : Infinity;
    const clientOf = prepareClientOf(settings);
    this.#clientOf = (req) => settings.principal?.(req) ?? clientOf(req);
  }

  /** How many clients are remembered. */
  get size(): number {
    return this.#shares.size;
  }

  /**
   * Counts one more request of its client, while `running` others are in progress.
   *
   * @returns the share it counts towards, `undefined` when clients are not counted, or `false` when the client has too many
   */
  enter(req: IncomingMessage, running: number): ClientShare | undefined | false {
    if (this.limit === Infinity) return undefined;
    const share = this.#shareOf(this.#clientOf(req), running);
    if (share.count > 0 && share.count >= this.#allowed(running)) return false;
    share.count += 1;
    return share;
  }

  /** The client of a request, and how many requests it has in progress. */
  stateOf(req: IncomingMessage): { client: string; count: number } {
    const client = this.#clientOf(req);
    return { client, count: this.#shares.get(client)?.count ?? 0 };
  }

  #shareOf(client: string, running: number): ClientShare {
    const known = this.#shares.get(client);
    if (known !== undefined) return known;
    if (this.#shares.size >= running + maxIdle) this.#forgetIdle();
    const share = { count: 0 };
    this.#shares.set(client, share);
    return share;
  }

  #forgetIdle(): void {
    for (const [client, { count }] of this.#shares) if (count === 0) this.#shares.delete(client);
  }

  #allowed(running: number): number {
    if (this.#shareOfFree === Infinity) return this.limit;
    return Math.min(this.limit, this.#shareOfFree * Math.max(0, this.#connections - running));
  }
}
