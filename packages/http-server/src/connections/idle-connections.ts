import type { Connection } from "./connection.ts";

/** One look at all connections finds so many of the next ones to close. */
const mostFound = 1_024;
/** When a look found fewer than this, the next one waits: a millisecond for each so many connections that it has to look at. */
const fewFound = 64;
const lookedAtPerMs = 100;

/** The idle connections in the order in which they are given up. Looking for them is amortised over those that are found. */
export class IdleConnections {
  readonly #find: (now: number) => Connection[];
  readonly #size: () => number;
  #found: Connection[] = [];
  #nextLook = -Infinity;

  /**
   * @param find gives idle connections, the one to be closed first at the front
   * @param size how many connections it looks at
   */
  constructor(find: (now: number) => Connection[], size: () => number) {
    this.#find = find;
    this.#size = size;
  }

  /** Takes out the first one that is still idle. */
  take(now: number): Connection | undefined {
    return this.#takeFound() ?? (this.#look(now) ? this.#takeFound() : undefined);
  }

  #takeFound(): Connection | undefined {
    for (let one = this.#found.pop(); one !== undefined; one = this.#found.pop()) if (one.isIdle && !one.socket.destroyed) return one;
    return undefined;
  }

  #look(now: number): boolean {
    if (now < this.#nextLook) return false;
    const found = this.#find(now);
    this.#found = found.slice(0, mostFound).toReversed();
    this.#nextLook = found.length < fewFound ? now + this.#size() / lookedAtPerMs : now;
    return true;
  }
}
