import { clientNetwork } from "@aivillage/middleware";

/** How many guesses are tolerated, see `FailuresOptions`. */
export interface FailureSettings {
  readonly limit: number;
  readonly windowMs: number;
  readonly maxClients: number;
}

/**
 * Remembers the guesses of each client, so that in any trailing window at most `limit` of them are counted.
 *
 * It keeps the times of the last `limit` guesses of the last `maxClients` clients that guessed, and has no timer: old entries
 * go when another guess is counted.
 */
export class FailedAttempts {
  readonly #settings: FailureSettings;
  /** The times of guesses by client, the client that guessed last at the end. */
  readonly #clients = new Map<string, number[]>();

  constructor(settings: FailureSettings) {
    this.#settings = settings;
  }

  /** Counts a guess, unless the client has made too many: then it says how many milliseconds the client has to wait. */
  count(address: string | undefined, nowMs: number): number {
    const waitMs = this.waitMs(address, nowMs);
    if (waitMs === 0) this.add(address, nowMs);
    return waitMs;
  }

  /** How many milliseconds the client has to wait until it may try again; 0 when it may at once. */
  waitMs(address: string | undefined, nowMs: number): number {
    if (this.#clients.size === 0) return 0;
    const { limit, windowMs } = this.#settings;
    const times = this.#clients.get(clientNetwork(address));
    const [first] = times ?? [];
    if (times === undefined || first === undefined || times.length < limit) return 0;
    return Math.max(0, first + windowMs - nowMs);
  }

  add(address: string | undefined, nowMs: number): void {
    const { limit, maxClients } = this.#settings;
    const client = clientNetwork(address);
    const times = this.#clients.get(client) ?? [];
    times.push(nowMs);
    if (times.length > limit) times.shift();
    this.#clients.delete(client);
    this.#forgetOld(nowMs);
    if (this.#clients.size >= maxClients) this.#forgetFirst();
    this.#clients.set(client, times);
  }

  #forgetOld(nowMs: number): void {
    for (const [client, times] of this.#clients) {
      if ((times.at(-1) ?? 0) + this.#settings.windowMs > nowMs) return;
      this.#clients.delete(client);
    }
  }

  #forgetFirst(): void {
    for (const client of this.#clients.keys()) return void this.#clients.delete(client);
  }
}
