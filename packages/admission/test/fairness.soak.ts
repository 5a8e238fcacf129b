import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get, type IncomingMessage, type ServerResponse } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import Bottleneck from "bottleneck";
import PQueue from "p-queue";

import { percentile } from "../bench/simulation/percentile.ts";
import { Random } from "../bench/simulation/random.ts";
import { jainIndex } from "../bench/simulation/tenants.ts";
import { admission } from "../src/index.ts";

const slots = 8;
const msPerToken = 2;
const chunkTokens = 10;
const medianTokens = 100;
const sigma = 0.6;
const meanServiceMs = msPerToken * medianTokens * Math.exp(sigma ** 2 / 2);
const seconds = 25;

const tenantOf = ({ headers }: IncomingMessage): string => String(headers["x-tenant"]);
const tokensOf = ({ headers }: IncomingMessage): number => Number(headers["x-tokens"]);

/** Runs the rest of the request as a job of a queue. */
const asJob =
  (schedule: (job: () => Promise<unknown>) => Promise<unknown>): Handler =>
  (_req, res, next) =>
    void schedule(() => {
      const ended = once(res, "close");
      next();
      return ended;
    });

const contestants: Record<string, () => Handler> = {
  "no limit": () => (_req, _res, next) => next(),
  "p-queue": () => {
    const queue = new PQueue({ concurrency: slots });
    return asJob((job) => queue.add(job));
  },
  bottleneck: () => {
    const limiter = new Bottleneck({ maxConcurrent: slots });
    return asJob((job) => limiter.schedule(job));
  },
  "@aivillage/admission": () =>
    admission({ limits: [{ name: "model", max: slots }], share: tenantOf, cost: tokensOf, queue: { maxWaitMs: 120_000 } }),
};

/** Generates tokens at full speed for as many calls as there are slots; more of them share that speed. */
function model(onEnd: (req: IncomingMessage, startedMs: number) => void): Handler {
  let active = 0;
  return async (req: IncomingMessage, res: ServerResponse) => {
    const startedMs = performance.now();
    active += 1;
    res.once("close", () => (active -= 1));
    for (let left = tokensOf(req); left > 0 && !res.destroyed; left -= chunkTokens) {
      await delay(Math.min(left, chunkTokens) * msPerToken * Math.max(1, active / slots));
      res.write("x");
    }
    res.end();
    onEnd(req, startedMs);
  };
}

interface Measured {
  readonly jain: number;
  readonly loudShare: number;
  /** 95th percentile of the time that calls of quiet tenants waited for the model, in mean service times. */
  readonly quietWaitP95: number;
  /** The same of the time that they took beyond an unloaded response. */
  readonly quietDelayP95: number;
}

/** One tenant with 100 clients beside nine with one; each sends its next call when its last one has ended. */
async function serveTenants(handler: Handler): Promise<Measured> {
  const random = new Random(1);
  const waits: number[] = [];
  const serviceTimes: number[] = [];
  const cameMs = new WeakMap<IncomingMessage, number>();
  const arrive: Handler = (req, _res, next) => {
    cameMs.set(req, performance.now());
    next();
  };
  const respond = model((req, startedMs) => {
    serviceTimes.push(performance.now() - startedMs);
    if (tenantOf(req) !== "loud") waits.push(startedMs - (cameMs.get(req) ?? Number.NaN));
  });
  await using app = await listen(toListener(compose(arrive, handler, respond)));
  const agent = new Agent({ keepAlive: true });
  const served = new Map<string, number>();
  const delays: number[] = [];
  const over = new AbortController();

  async function client(tenant: string): Promise<void> {
    while (!over.signal.aborted) {
      const tokens = Math.max(1, Math.round(random.logNormal(medianTokens, sigma)));
      const sentMs = performance.now();
      const [res] = (await once(get(app.url, { agent, headers: { "x-tenant": tenant, "x-tokens": tokens } }), "response")) as [
        IncomingMessage,
      ];
      assert.equal(res.statusCode, 200);
      await once(res.resume(), "end");
      if (over.signal.aborted) return;
      served.set(tenant, (served.get(tenant) ?? 0) + tokens);
      if (tenant !== "loud") delays.push((performance.now() - sentMs - tokens * msPerToken) / meanServiceMs);
    }
  }

  const tenants = [...Array.from({ length: 100 }, () => "loud"), ...Array.from({ length: 9 }, (_, index) => `quiet ${index}`)];
  const clients = tenants.map(client);
  await delay(seconds * 1_000);
  over.abort();
  app.server.closeAllConnections();
  await Promise.allSettled(clients);
  agent.destroy();
  // A tenant that was never served has its part in the index.
  const tokens = [...new Set(tenants)].map((tenant) => served.get(tenant) ?? 0);
  return {
    jain: jainIndex(tokens),
    loudShare: (served.get("loud") ?? 0) / tokens.reduce((sum, each) => sum + each, 0),
    quietWaitP95: percentile(waits, 0.95) / (serviceTimes.reduce((sum, ms) => sum + ms, 0) / serviceTimes.length),
    quietDelayP95: percentile(delays, 0.95),
  };
}

test("one tenant with 100 clients gets no more tokens than nine with one, and hardly delays them", { timeout: 600_000 }, async (t) => {
  const measured = new Map<string, Measured>();
  for (const [name, make] of Object.entries(contestants)) measured.set(name, await serveTenants(make()));
  t.diagnostic("| queue | Jain index of tokens | tokens of the loud tenant | p95 wait of quiet ones, in service times | p95 delay |");
  for (const [name, { jain, loudShare, quietWaitP95, quietDelayP95 }] of measured) {
    t.diagnostic(
      `| ${name} | ${jain.toFixed(3)} | ${(loudShare * 100).toFixed(0)} % | ${quietWaitP95.toFixed(2)} | ${quietDelayP95.toFixed(2)} |`,
    );
  }
  const { jain, quietWaitP95 } = measured.get("@aivillage/admission") ?? assert.fail("not measured");
  assert.ok(jain >= 0.95, `Jain index ${jain}`);
  assert.ok(quietWaitP95 <= 2, `${quietWaitP95} service times`);
  for (const other of ["no limit", "p-queue", "bottleneck"]) {
    assert.ok((measured.get(other)?.jain ?? 1) < 0.5, `${other} is unfair, so the measure can fail`);
  }
});
