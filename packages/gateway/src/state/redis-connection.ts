import { isRedisReply, redisProblem } from "../config/options/redis-client.ts";

/** What is needed of a client of `@redis/client`. */
interface Client {
  connect(): Promise<unknown>;
  sendCommand(args: string[]): Promise<unknown>;
  destroy(): void;
}

/** How long Redis may be silent, or refuse what only a primary takes, before its connection is replaced. */
const patienceMs = 3_000;

/**
 * A connection to the Redis that the name in a URL leads to, also after that Redis has changed.
 *
 * A machine that has lost its power closes no connection, and the system gives one up only after a quarter of an hour. A primary that
 * has become a replica keeps its connections, and refuses every write. The name may lead to another Redis by then. So a connection without
 * a sign of life from a primary is replaced by a new one, as long as somebody asks: stores do several times a second while Redis is down.
 */
export class RedisConnection {
  readonly #open: () => Client;
  readonly #now: () => number;
  #client: Client;
  /** When the first command was sent that no primary has replied to; `undefined` while one does. */
  #silentSinceMs: number | undefined;

  /** @param open makes a client that is not connected yet */
  constructor(open: () => Client, now: () => number = () => performance.now()) {
    this.#open = open;
    this.#now = now;
    this.#client = open();
  }

  /** Resolves when the first client is connected. */
  async connect(): Promise<void> {
    await this.#client.connect();
  }

  async sendCommand(args: string[]): Promise<unknown> {
    this.#replaceIfSilent();
    const client = this.#client;
    try {
      const reply = await client.sendCommand(args);
      this.#noteReply(client);
      return reply;
    } catch (error) {
      if (isOfPrimary(error as Error)) this.#noteReply(client);
      throw error;
    }
  }

  close(): void {
    this.#client.destroy();
  }

  #replaceIfSilent(): void {
    const now = this.#now();
    this.#silentSinceMs ??= now;
    if (now - this.#silentSinceMs < patienceMs) return;
    this.#silentSinceMs = now;
    this.#client.destroy();
    this.#client = this.#open();
    // It tries again by itself, and reports errors by its event.
    this.#client.connect().catch(() => undefined);
  }

  #noteReply(client: Client): void {
    if (client === this.#client) this.#silentSinceMs = undefined;
  }
}

/** Whether an error is the reply of a Redis that is no replica. */
function isOfPrimary(error: Error): boolean {
  return isRedisReply(error) && !["READONLY", "MASTERDOWN"].includes(redisProblem(error));
}
