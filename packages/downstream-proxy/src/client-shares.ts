import type { IncomingMessage } from "node:http";

import { type ClientOf, prepareClientOf } from "./client-of.ts";
import type { Settings } from "./read-options.ts";

/**
 * Counts what each client has in progress, so that no client can take all connections of a target.
 *
 * A client may have `maxConcurrentPerClient`, but never more than a multiple of what is free: as much as is free while the limit is up
 * to half of the connections, and more where the limit asks for it. So the shares shrink with the number of clients that take all they
 * can, and one with nothing in progress is never refused here. Clients with nothing in progress are not remembered.
 */
export class ClientShares {
  readonly limit: number;
  readonly #connections: number;
  readonly #shareOfFree: number;
  readonly #clientOf: ClientOf;
  readonly #counts = new Map<string, number>();

  constructor(settings: Settings) {
    const { maxConcurrentPerClient, connections, targets } = settings;
    this.limit = maxConcurrentPerClient === 0 ? Infinity : maxConcurrentPerClient;
    this.#connections = connections * (targets[0]?.replicas.length ?? 1);
    const left = this.#connections - this.limit;
    this.#shareOfFree = left > 0 ? Math.max(1, this.limit / left) : Infinity;
    this.#clientOf = prepareClientOf(settings);
  }

  /**
   * Counts one more request of its client, while `running` others are in progress. Give back what this gives: `leave()` takes it.
   *
   * @returns the client, `undefined` when clients are not counted, or `false` when the client has too many
   */
  enter(req: IncomingMessage, running: number): string | undefined | false {
    if (this.limit === Infinity) return undefined;
    const client = this.#clientOf(req);
    const count = this.#counts.get(client) ?? 0;
    if (count > 0 && count >= this.#mayHave(running)) return false;
    this.#counts.set(client, count + 1);
    return client;
  }

  leave(client: string): void {
    const count = this.#counts.get(client) ?? 0;
    if (count > 1) this.#counts.set(client, count - 1);
    else this.#counts.delete(client);
  }

  /** The client of a request, and how much it has in progress. */
  stateOf(req: IncomingMessage): { client: string; count: number } {
    const client = this.#clientOf(req);
    return { client, count: this.#counts.get(client) ?? 0 };
  }

  #mayHave(running: number): number {
    if (this.#shareOfFree === Infinity) return this.limit;
    return Math.min(this.limit, this.#shareOfFree * Math.max(0, this.#connections - running));
  }
}
