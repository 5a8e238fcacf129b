import { clientNetwork } from "./client-network.ts";

/** How many failures are borne, see `FailuresOptions`. */
export interface FailureSettings {
  readonly limit: number;
  readonly windowMs: number;
  readonly maxClients: number;
}

/**
 * Remembers the failures of each client, so that in any trailing window there are at most `limit`.
 *
 * It keeps the times of the last `limit` failures of the last `maxClients` clients that failed, and has no timer: what is too old
 * goes when another failure comes.
 */
export class FailedAttempts {
  readonly #settings: FailureSettings;
  /** The times of failures by client, the client that failed last at the end. */
  readonly #clients = new Map<string, number[]>();

  constructor(settings: FailureSettings) {
    this.#settings = settings;
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
