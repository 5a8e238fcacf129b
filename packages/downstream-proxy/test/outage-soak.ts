/**
 * An outage with the default options, several times over: one of two replicas is killed under load and comes back, then both.
 * Run: `npm run test:soak`. Fails when a client sees an error that it need not see, the breaker opens late, answers slowly or is slow
 * to recover, or more is repeated than the budget allows.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

import { eventually } from "@aivillage/testing";
import { Pool } from "undici";

import { breakerChanged, downstreamAttempted, replicaChanged } from "../src/index.ts";
import { Replica } from "./replica-process.ts";
import { collect, serveProxy } from "./support.ts";

interface HttpResponse {
  readonly at: number;
  readonly method: string;
  readonly status: number;
  readonly tookMs: number;
}

/** Status of the answer; 0 for none. */
async function ask(pool: Pool, method: "GET" | "POST"): Promise<number> {
  try {
    const { statusCode, body } = await pool.request({ path: "/", method, body: method === "POST" ? "x" : null });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}

/** Clients that send one request after the other, every third one a POST, until the end is asked for. */
function load(url: string, clients: number) {
  const responses: HttpResponse[] = [];
  const pool = new Pool(url, { connections: clients });
  const end = new AbortController();
  const one = async (client: number): Promise<void> => {
    for (let count = client; !end.signal.aborted; count += 1) {
      const method = count % 3 === 0 ? "POST" : "GET";
      const at = performance.now();
      const status = await ask(pool, method);
      responses.push({ at, method, status, tookMs: performance.now() - at });
      await delay(4);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_none, client) => one(client)));
  const stop = async (): Promise<void> => {
    end.abort();
    await done;
    await pool.close();
  };
  return { responses, stop };
}

const clients = 12;
const retryShare = 0.2;
const freeRetries = 10;

interface Scene {
  readonly a: Replica;
  readonly b: Replica;
  readonly responses: readonly HttpResponse[];
}

/** One of two is away for 8 s: nobody may notice but those whose POST it was handling. */
async function loseOne({ a, responses }: Scene): Promise<string> {
  using changes = collect(replicaChanged);
  await a.kill();
  const goneAt = performance.now();
  await delay(8_000);
  const failed = responses.filter(({ status }) => status !== 200);
  const needless = failed.filter(({ method, at }) => method !== "POST" || at > goneAt);
  await a.start();
  const returnedAt = performance.now();
  await eventually(() => changes.at(-1)?.to === "returned", "the replica gets requests again");
  const returnMs = performance.now() - returnedAt;
  assert.deepEqual(needless, [], "requests failed that need not");
  assert.ok(failed.length <= clients && returnMs < 5_000, `${failed.length} failed, back after ${returnMs} ms`);
  return `one of two: ${failed.length} of ${responses.length} failed, back after ${returnMs.toFixed(0)} ms`;
}

const medianOf = (responses: readonly HttpResponse[]): number => {
  const times = responses.map(({ tookMs }) => tookMs).toSorted((x, y) => x - y);
  return times[Math.floor(times.length / 2)] ?? Infinity;
};

/** Both are away for 7 s: clients are answered at once all the time, and soon as before. */
async function loseBoth({ a, b, responses }: Scene): Promise<string> {
  using changes = collect(breakerChanged);
  const killedAt = performance.now();
  const usual = medianOf(responses.filter(({ status }) => status === 200));
  await Promise.all([a.kill(), b.kill()]);
  await eventually(() => changes.some(({ to }) => to === "open"), "the breaker opens");
  const openedAt = performance.now();
  await delay(2_000);
  const refused = responses.filter(({ at }) => at > openedAt);
  await delay(5_000);
  await Promise.all([a.start(), b.start()]);
  const returnedAt = performance.now();
  await eventually(() => responses.at(-1)?.status === 200, "requests succeed again");
  const [openMs, recoveryMs] = [openedAt - killedAt, performance.now() - returnedAt];
  const times = refused.map(({ tookMs }) => tookMs).toSorted((x, y) => x - y);
  const [median, p99 = 0] = [medianOf(refused), times[Math.floor(times.length * 0.99)]];
  const trials = refused.filter(({ status }) => status !== 503);
  assert.ok(refused.length > 100 && trials.length <= 8, `${trials.length} of ${refused.length} were not refused`);
  assert.ok(openMs < 5_000 && recoveryMs < 5_000, `${openMs} ms until it opened, ${recoveryMs} ms until it closed`);
  assert.ok(median <= usual * 1.5 + 1, `a refusal takes ${median} ms, a response of the target took ${usual} ms`);
  const figures = `${times.length} answers with median ${median.toFixed(2)} and p99 ${p99.toFixed(2)} ms`;
  return `both: open after ${openMs.toFixed(0)} ms, then ${figures}, answers as before ${recoveryMs.toFixed(0)} ms after the return`;
}

async function round(number: number): Promise<void> {
  const [a, b] = [await new Replica().start(), await new Replica().start()];
  const url = [a.url, b.url];
  await using app = await serveProxy({ targets: [{ name: "twin", url }] });
  using attempts = collect(downstreamAttempted);
  const traffic = load(app.url, clients);
  const scene = { a, b, responses: traffic.responses };
  await delay(1_000);
  console.log(`round ${number}, ${await loseOne(scene)}`);
  await delay(500);
  console.log(`round ${number}, ${await loseBoth(scene)}`);
  await traffic.stop();
  await Promise.all([a.kill(), b.kill()]);
  const repeated = attempts.filter(({ attempt, outcome }) => attempt > 1 && outcome !== "refused").length;
  const unconnected = attempts.filter(({ outcome }) => outcome === "connect_error").length;
  const allowed = Math.floor(freeRetries + retryShare * traffic.responses.length);
  console.log(`round ${number}, ${repeated} further attempts, ${unconnected} connections failed, ${allowed} repetitions were allowed`);
  assert.ok(repeated - unconnected <= allowed);
}

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
for (let number = 1; number <= Number(values.rounds); number += 1) await round(number);
