/**
 * Whether an app that serves 2,000 requests per second with two viewers of its console keeps its memory flat.
 * Run: `node --conditions=@aivillage/source bench/memory.soak.ts [MINUTES]`, ten by default. Prints the memory every half minute. Fails when the
 * live heap of the last third is more than 2 MiB above that of the second third; the first third is left to caches, rings and compiled code.
 */
import { setTimeout as delay } from "node:timers/promises";

import { metrics, Registry } from "@aivillage/metrics";
import { compose, toListener } from "@aivillage/middleware";
import { rateLimit } from "@aivillage/rate-limit";
import { listen, liveBytes } from "@aivillage/testing";

import { liveConsole } from "../src/index.ts";
import { perSecond, startChild } from "./load-and-viewers.ts";

const minutes = Number(process.argv[2] ?? 10);
const mebibyte = 1 << 20;
const registry = new Registry();
const limiter = rateLimit({ limit: 1_000_000_000, windowMs: 60_000 });
const live = liveConsole({ registry, limiter, path: "/console", access: () => "read" });
let served = 0;
const respond = compose(live, metrics({ registry, endpoint: ({ url }) => url }), limiter, (_req, res) => {
  served += 1;
  res.end("done");
});

const heaps: number[] = [];
{
  await using app = await listen(toListener(respond));
  await using children = new AsyncDisposableStack();
  children.use(await startChild("load", app.url));
  for (let viewer = 0; viewer < 2; viewer += 1) children.use(await startChild("view", `${app.url}/console/stream`));
  for (let half = 1; half <= 2 * minutes; half += 1) {
    const [first, startedAt] = [served, performance.now()];
    await delay(30_000);
    const rate = ((served - first) * 1_000) / (performance.now() - startedAt);
    const heap = liveBytes() / mebibyte;
    heaps.push(heap);
    const rss = process.memoryUsage.rss() / mebibyte;
    console.log(
      `${half / 2} min: ${rate.toFixed(0)} requests per second, live heap ${heap.toFixed(1)} MiB, resident ${rss.toFixed(0)} MiB`,
    );
    if (rate < 0.9 * perSecond) throw new Error(`the machine is too busy for ${perSecond} requests per second`);
  }
}
live.close();
limiter.close();

const third = Math.floor(heaps.length / 3);
const [before, after] = [mean(heaps.slice(third, -third)), mean(heaps.slice(-third))];
console.log(`second third ${before.toFixed(1)} MiB, last third ${after.toFixed(1)} MiB`);
if (after - before > 2) process.exitCode = 1;

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
