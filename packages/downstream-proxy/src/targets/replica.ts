import { Health } from "../failures/ejection.ts";
import type { Settings } from "../options/read-options.ts";
import type { Replica } from "../options/read-targets.ts";
import { Connection, type Connector, makeConnector } from "./connection.ts";

/** An attempt that asks for a connection. */
export interface Candidate {
  /** A connection has become free and is the candidate's until it is given back. */
  admitted(connection: Connection): void;
  /** The origin has closed; there will be no connection. */
  refused(): void;
}

/**
 * One origin: its connections, and a bounded queue for the requests that wait for one.
 *
 * Both are ours and not those of undici's pool, because a waiting request must be counted, timed, and taken out when its client
 * leaves. The connection used last is used first, so that those that are not needed close.
 */
export class Origin {
  readonly url: string;
  readonly basePath: string;
  readonly health: Health;
  readonly #settings: Settings;
  readonly #connector: Connector;
  readonly #connections: Connection[] = [];
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Candidate>();
  #inFlight = 0;
  #closing: Promise<void> | undefined;

  constructor({ origin, basePath }: Replica, settings: Settings) {
    this.url = origin;
    this.basePath = basePath;
    this.health = new Health(settings.ejection);
    this.#settings = settings;
    this.#connector = makeConnector(settings);
  }

  /** Requests that have a connection or wait for one. */
  get load(): number {
    return this.#inFlight + this.#waiting.size;
  }

  /** A connection at once, or a place in the queue, of which the candidate hears later. */
  admit(candidate: Candidate): Connection | "queued" | "refused" {
    if (this.#closing !== undefined) return "refused";
    if (this.#inFlight < this.#settings.connections && this.#waiting.size === 0) return this.#take();
    if (this.#waiting.size >= this.#settings.maxQueued) return "refused";
    this.#waiting.add(candidate);
    return "queued";
  }

  /** Takes a candidate out of the queue, if it is there. */
  leave(candidate: Candidate): void {
    this.#waiting.delete(candidate);
  }

  /** Gives a connection back. The next request starts in a later step: undici's parser, which may be calling, is not reentrant. */
  release(connection: Connection): void {
    this.#inFlight -= 1;
    this.#idle.push(connection);
    if (this.#waiting.size > 0) process.nextTick(this.#admitWaiting);
  }

  /** Refuses what waits and what comes; resolves when what runs has ended and every connection is closed. */
  close(): Promise<void> {
    this.#closing ??= this.#closeConnections();
    for (const candidate of this.#waiting) candidate.refused();
    this.#waiting.clear();
    return this.#closing;
  }

  #take(): Connection {
    this.#inFlight += 1;
    return this.#idle.pop() ?? this.#makeConnection();
  }

  #makeConnection(): Connection {
    const connection = new Connection(this.url, this.#connector, this.#settings);
    this.#connections.push(connection);
    return connection;
  }

  async #closeConnections(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  readonly #admitWaiting = (): void => {
    for (const candidate of this.#waiting) {
      if (this.#inFlight >= this.#settings.connections) return;
      this.#waiting.delete(candidate);
      candidate.admitted(this.#take());
    }
  };
}
