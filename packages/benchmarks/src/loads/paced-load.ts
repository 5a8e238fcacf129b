import { setTimeout as delay } from "node:timers/promises";

import { percentile } from "../statistics.ts";
import type { RequestShape } from "../traffic.ts";
import type { Load } from "./load.ts";
import { RawClient } from "./raw-client.ts";

/** More requests waiting for a connection than this, and the contestant does not keep up. */
const mostWaiting = 10_000;

/**
 * An open loop: sends `perSecond` requests a second, whether or not the responses keep up. Latencies count from the moment at which a
 * request was due, so that a contestant that stalls pays for all that waited.
 */
export function pacedLoad(request: RequestShape, perSecond: number, connections = 128): Load {
  return async ({ port, seconds }) => {
    const clients = Array.from({ length: connections }, () => new RawClient(port, request));
    try {
      return await new Pace(clients, perSecond).run(seconds);
    } finally {
      for (const client of clients) client.close();
    }
  };
}

class Pace {
  readonly #idle: RawClient[];
  readonly #perSecond: number;
  readonly #due: number[] = [];
  readonly #tookMs: number[] = [];
  readonly #running = new Set<Promise<void>>();
  #failure: Error | undefined;

  constructor(clients: readonly RawClient[], perSecond: number) {
    this.#idle = [...clients];
    this.#perSecond = perSecond;
  }

  async run(seconds: number): Promise<{ units: number; seconds: number; p50Ms: number; p99Ms: number }> {
    const startedAt = performance.now();
    const total = this.#perSecond * seconds;
    for (let sent = 0; sent < total && this.#failure === undefined;) {
      const elapsedMs = performance.now() - startedAt;
      for (; sent < total && (sent * 1_000) / this.#perSecond <= elapsedMs; sent += 1) {
        this.#due.push(startedAt + (sent * 1_000) / this.#perSecond);
      }
      if (this.#due.length > mostWaiting) throw new Error(`it does not keep up with ${this.#perSecond} requests a second`);
      this.#sendDue();
      await delay(1);
    }
    while (this.#running.size > 0) await Promise.all(this.#running);
    if (this.#failure !== undefined) throw this.#failure;
    const units = this.#tookMs.length;
    return {
      units,
      seconds: (performance.now() - startedAt) / 1_000,
      p50Ms: percentile(this.#tookMs, 0.5),
      p99Ms: percentile(this.#tookMs, 0.99),
    };
  }

  #sendDue(): void {
    while (this.#due.length > 0 && this.#failure === undefined) {
      const client = this.#idle.pop();
      if (client === undefined) return;
      const running = this.#send(client, this.#due.shift() ?? 0).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async #send(client: RawClient, dueAt: number): Promise<void> {
    try {
      await client.send();
      this.#tookMs.push(performance.now() - dueAt);
      this.#idle.push(client);
      this.#sendDue();
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }
}
