import { type Dispatcher, Pool } from "undici";

import type { Settings } from "./read-options.ts";
import type { Replica } from "./read-targets.ts";

/** An attempt that asks for a place. */
export interface Candidate {
  /** A place has become free and is taken. */
  admitted(): void;
  /** The origin has closed; there will be no place. */
  refused(): void;
}

/** How long an origin that refused a connection is passed over, in milliseconds. */
const ejectionMs = 1_000;

/**
 * One origin: its connections, and a bounded queue for the requests that wait for one.
 *
 * The queue is ours and not undici's, because a waiting request must be counted, timed, and taken out when its client leaves.
 */
export class Origin {
  readonly url: string;
  readonly basePath: string;
  readonly #pool: Pool;
  readonly #connections: number;
  readonly #maxQueued: number;
  readonly #waiting = new Set<Candidate>();
  #inFlight = 0;
  #ejectedUntil = 0;
  #closing: Promise<void> | undefined;

  constructor({ origin, basePath }: Replica, settings: Settings) {
    this.url = origin;
    this.basePath = basePath;
    this.#connections = settings.connections;
    this.#maxQueued = settings.maxQueued;
    this.#pool = new Pool(origin, {
      connections: settings.connections,
      connect: { timeout: settings.connectTimeoutMs },
      headersTimeout: settings.headersTimeoutMs,
      bodyTimeout: settings.idleTimeoutMs,
      allowH2: false,
    });
  }

  /** Requests that have a place or wait for one. */
  get load(): number {
    return this.#inFlight + this.#waiting.size;
  }

  admit(candidate: Candidate): "admitted" | "queued" | "refused" {
    if (this.#closing !== undefined) return "refused";
    if (this.#inFlight < this.#connections && this.#waiting.size === 0) {
      this.#inFlight += 1;
      return "admitted";
    }
    if (this.#waiting.size >= this.#maxQueued) return "refused";
    this.#waiting.add(candidate);
    return "queued";
  }

  /** Takes a candidate out of the queue; false when it is not there. */
  leave(candidate: Candidate): boolean {
    return this.#waiting.delete(candidate);
  }

  /** Gives a place back. The next request starts in a later step: undici's parser, which may be calling, is not reentrant. */
  release(): void {
    this.#inFlight -= 1;
    if (this.#waiting.size > 0) process.nextTick(this.#admitWaiting);
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#pool.dispatch(options, handler);
  }

  /** Passes this origin over for a second. */
  eject(now: number): void {
    this.#ejectedUntil = now + ejectionMs;
  }

  isEjected(now: number): boolean {
    return now < this.#ejectedUntil;
  }

  /** Refuses what waits and what comes; resolves when what runs has ended. */
  close(): Promise<void> {
    this.#closing ??= this.#pool.close();
    for (const candidate of this.#waiting) candidate.refused();
    this.#waiting.clear();
    return this.#closing;
  }

  readonly #admitWaiting = (): void => {
    for (const candidate of this.#waiting) {
      if (this.#inFlight >= this.#connections) return;
      this.#waiting.delete(candidate);
      this.#inFlight += 1;
      candidate.admitted();
    }
  };
}
