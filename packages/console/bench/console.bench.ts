/**
 * What the console costs an app that serves 2,000 requests per second: without a console, with one that nobody looks at, and with two viewers.
 * Run: `node --conditions=@aivillage/source bench/console.bench.ts [SECONDS PER ROUND]`. Fails when two viewers cost 2 % of a core or more, or
 * a console without viewers 0.5 %. Load and viewers are processes of their own, and the processor time is that of the app alone.
 */
import { setTimeout as delay } from "node:timers/promises";

import { metrics, Registry } from "@aivillage/metrics";
import { compose, toListener } from "@aivillage/middleware";
import { rateLimit } from "@aivillage/rate-limit";
import { listen } from "@aivillage/testing";

import { liveConsole } from "../src/index.ts";
import { perSecond, startChild } from "./load-and-viewers.ts";

const rounds = 7;
const budgets = { idle: 0.5, "two viewers": 2 } as const;

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

async function measureApp(roundMs: number): Promise<void> {
  const registry = new Registry();
  const limiter = rateLimit({ limit: 1_000_000_000, windowMs: 60_000 });
  let served = 0;
  const rates: number[] = [];
  const respond = compose(metrics({ registry, endpoint: ({ url }) => url }), limiter, (_req, res) => {
    served += 1;
    res.end("done");
  });
  let handler = respond;
  await using app = await listen(toListener((req, res, next) => handler(req, res, next)));
  await using children = new AsyncDisposableStack();
  children.use(await startChild("load", app.url));

  /** Processor time in percent of a core, for as many requests per second as were due. */
  async function share(): Promise<number> {
    await delay(1_500);
    const [before, startedAt, first] = [process.cpuUsage(), performance.now(), served];
    await delay(roundMs);
    const { user, system } = process.cpuUsage(before);
    const ms = performance.now() - startedAt;
    const rate = ((served - first) * 1_000) / ms;
    rates.push(rate);
    return ((user + system) / 10 / ms) * (perSecond / rate);
  }

  const shares = { none: [] as number[], idle: [] as number[], "two viewers": [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    shares.none.push(await share());
    const live = liveConsole({ registry, limiter, path: "/console", access: () => "read" });
    handler = compose(live, respond);
    shares.idle.push(await share());
    {
      await using viewers = new AsyncDisposableStack();
      for (let viewer = 0; viewer < 2; viewer += 1) viewers.use(await startChild("view", `${app.url}/console/stream`));
      shares["two viewers"].push(await share());
    }
    handler = respond;
    live.close();
  }
  limiter.close();
  report(shares, median(rates));
}

function report(shares: Readonly<Record<"none" | "idle" | "two viewers", readonly number[]>>, requestsPerSecond: number): void {
  console.log(`requests per second: ${requestsPerSecond.toFixed(0)}`);
  if (requestsPerSecond < 0.9 * perSecond) throw new Error(`the machine is too busy for ${perSecond} requests per second`);
  console.log(`no console: ${median(shares.none).toFixed(2)} % of a core`);
  for (const [name, budget] of Object.entries(budgets) as [keyof typeof budgets, number][]) {
    // Each round against its own baseline: the machine may be busier in one than in another.
    const more = median(shares[name].map((each, round) => each - (shares.none[round] ?? 0)));
    console.log(`${name}: ${more.toFixed(2)} % of a core more, at most ${budget} %`);
    if (more >= budget) process.exitCode = 1;
  }
  console.log(`memory: ${(process.memoryUsage().rss / (1 << 20)).toFixed(0)} MiB`);
}

await measureApp(Number(process.argv[2] ?? 6) * 1_000);
