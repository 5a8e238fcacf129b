import { Connection } from "../connections/connection.ts";
import type { Connector } from "../connections/connector.ts";
import { makeConnector } from "../connections/make-connector.ts";
import { Ejection } from "../failures/ejection.ts";
import type { Settings } from "../options/read-options.ts";
import type { ReplicaUrl } from "../options/read-replicas.ts";
import type { CheckedTarget } from "../options/read-targets.ts";

/** An attempt that waits for a connection. */
export interface Candidate {
  /** A connection has become free. It belongs to the candidate until `release()`. */
  acquired(connection: Connection): void;
  /** The replica was closed; there will be no connection. */
  refused(): void;
}

/**
 * One replica: its connections, and a bounded queue of requests that wait for one.
 *
 * Undici's pool does not fit, because a waiting request must be counted, timed, and removed when its client leaves. The connection used
 * last is reused first, so that connections that are not needed close.
 */
export class Replica {
  /** Scheme, host and port, or the Unix socket. */
  readonly url: string;
  /** Share of the requests in relation to the other replicas. */
  readonly weight: number;
  /** Scheme, host and port as the target knows them: `http://localhost` of a Unix socket. */
  readonly origin: string;
  readonly basePath: string;
  readonly ejection: Ejection;
  /** The operator has taken it out of choice. */
  draining = false;
  readonly #settings: Settings;
  readonly #http2: boolean;
  readonly #connector: Connector;
  readonly #connections: Connection[] = [];
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Candidate>();
  #inFlight = 0;
  #closing: Promise<void> | undefined;

  constructor(replica: ReplicaUrl, target: CheckedTarget, settings: Settings) {
    this.url = replica.name;
    this.weight = replica.weight ?? 1;
    this.basePath = replica.basePath;
    this.origin = replica.origin;
    this.#http2 = target.http2;
    this.ejection = new Ejection(settings.ejection);
    this.#settings = settings;
    this.#connector = makeConnector(settings, target, replica);
  }

  /** Requests that have a connection or wait for one. */
  get load(): number {
    return this.#inFlight + this.#waiting.size;
  }

  /** Returns a connection at once if one is free. When it returns `"queued"`, the candidate is notified later. */
  acquire(candidate: Candidate): Connection | "queued" | "refused" {
    if (this.#closing !== undefined) return "refused";
    if (this.#inFlight < this.#settings.connections && this.#waiting.size === 0) return this.#take();
    if (this.#waiting.size >= this.#settings.maxQueued) return "refused";
    this.#waiting.add(candidate);
    return "queued";
  }

  /** Removes a candidate from the queue, if it is there. */
  withdraw(candidate: Candidate): void {
    this.#waiting.delete(candidate);
  }

  /** Returns a connection. The next request starts in a later tick: undici's parser, which may be the caller, is not reentrant. */
  release(connection: Connection): void {
    this.#inFlight -= 1;
    connection.released(performance.now());
    this.#idle.push(connection);
    if (this.#waiting.size > 0) process.nextTick(this.#serveQueue);
  }

  /** Refuses waiting and new requests; resolves when running ones have ended and every connection is closed. */
  close(): Promise<void> {
    this.#closing ??= this.#closeConnections();
    for (const candidate of this.#waiting) candidate.refused();
    this.#waiting.clear();
    return this.#closing;
  }

  #take(): Connection {
    this.#inFlight += 1;
    const idle = this.#idle.pop();
    idle?.renew(performance.now());
    return idle ?? this.#makeConnection();
  }

  #makeConnection(): Connection {
    const connection = new Connection(this.origin, this.#connector, this.#settings, this.#http2);
    this.#connections.push(connection);
    return connection;
  }

  async #closeConnections(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  readonly #serveQueue = (): void => {
    for (const candidate of this.#waiting) {
      if (this.#inFlight >= this.#settings.connections) return;
      this.#waiting.delete(candidate);
      candidate.acquired(this.#take());
    }
  };
}
