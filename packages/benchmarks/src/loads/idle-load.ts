import { setTimeout as delay } from "node:timers/promises";

import { percentile } from "../statistics.ts";
import type { RequestShape } from "../traffic.ts";
import type { Load } from "./load.ts";
import { RawClient } from "./raw-client.ts";

/** How many connections open at once: fewer than a server queues. */
const batch = 250;

/** What follows the opening (collections, heaps that shrink) is over after this long. */
const restMs = 7_000;

/**
 * Holds connections that have done one request each and stay open. CPU time is that while nothing happens on them, memory that with all
 * of them open; units are connections times seconds. Latencies are those of a request sent beside them ten times a second, counted apart.
 */
export function idleLoad(request: RequestShape, count: number): Load {
  return async ({ port, seconds, meter }) => {
    const clients: RawClient[] = [];
    try {
      while (clients.length < count) {
        const opened = Array.from({ length: Math.min(batch, count - clients.length) }, () => new RawClient(port, request));
        clients.push(...opened);
        await Promise.all(opened.map((client) => client.send()));
      }
      await delay(restMs);
      const before = meter.cpuMicros();
      await delay(seconds * 1_000);
      const cpuMicros = meter.cpuMicros() - before;
      const residentBytes = meter.residentBytes();
      const tookMs = await probe(port, request);
      // Rejects when they were closed meanwhile, for a server that closes them has none to hold.
      await Promise.all([clients[0]?.send(), clients.at(-1)?.send()]);
      return { units: count * seconds, seconds, p50Ms: percentile(tookMs, 0.5), p99Ms: percentile(tookMs, 0.99), cpuMicros, residentBytes };
    } finally {
      for (const client of clients) client.close();
    }
  };
}

async function probe(port: number, request: RequestShape): Promise<number[]> {
  const client = new RawClient(port, request);
  const tookMs: number[] = [];
  for (let sent = 0; sent < 20; sent += 1) {
    const before = performance.now();
    await client.send();
    tookMs.push(performance.now() - before);
    await delay(100);
  }
  client.close();
  return tookMs;
}
