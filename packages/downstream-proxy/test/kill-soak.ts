/**
 * Outages that no client may notice, with the default options. Run: `npm run test:soak`, or this file with `--seconds 60`.
 *
 * First two replicas in processes of their own are killed and restarted in turn under 50 clients: no request may end with 503, and no
 * GET may fail. Then one client sends only requests that end in a 500, hang, are reset, or are refused early: no other client may see
 * an error.
 */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

import { listen } from "@aivillage/testing";
import { Pool } from "undici";

import { breakerChanged } from "../src/index.ts";
import { Replica } from "./replica-process.ts";
import { collect, serveProxy } from "./support.ts";

type Counts = Record<string, number>;

const count = (counts: Counts, what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);

/** Sends one request after the other until the end is asked for, every third one a POST. */
async function traffic(pool: Pool, client: number, end: AbortSignal, counts: Counts): Promise<void> {
  for (let number = client; !end.aborted; number += 1) {
    const method = number % 3 === 0 ? "POST" : "GET";
    try {
      const headers = { "x-client": `192.0.2.${client}` };
      const { statusCode, body } = await pool.request({ path: "/", method, headers, body: method === "POST" ? "x" : null });
      await body.dump();
      count(counts, `${method} ${statusCode}`);
    } catch (error) {
      count(counts, `${method} ${(error as Error).name}`);
    }
    await delay(4);
  }
}

/** One of two is always up, so only a POST that a killed replica was handling can fail. */
async function killInTurn(seconds: number): Promise<void> {
  const replicas = [await new Replica().start(), await new Replica().start()];
  await using app = await serveProxy({ targets: [{ name: "twin", url: replicas.map(({ url }) => url) }] });
  using breakers = collect(breakerChanged);
  const pool = new Pool(app.url, { connections: 50 });
  const end = new AbortController();
  const counts: Counts = {};
  const clients = Array.from({ length: 50 }, (_none, client) => traffic(pool, client, end.signal, counts));
  const endsAt = performance.now() + seconds * 1_000;
  let kills = 0;
  for (; performance.now() < endsAt; kills += 1) {
    const replica = replicas[kills % 2];
    await delay(500);
    await replica?.kill();
    await delay(300 + Math.random() * 3_000);
    await replica?.start();
  }
  end.abort();
  await Promise.all(clients);
  await pool.close();
  await Promise.all(replicas.map((replica) => replica.kill()));
  console.log(`${kills} kills in ${seconds} s: ${JSON.stringify(counts)}, breaker changed ${breakers.length} times`);
  const failedGets = Object.entries(counts).filter(([what]) => what.startsWith("GET") && what !== "GET 200");
  assert.deepEqual(failedGets, [], "a GET failed");
  assert.equal(counts["POST 503"], undefined, "a request ended with 503");
  assert.equal(breakers.length, 0);
}

/** A service that does what the path says; it refuses an upload before it has read it. */
const misbehave = () =>
  listen((req, res) => {
    if (req.url === "/hang") return;
    if (req.url === "/reset") return void res.socket?.resetAndDestroy();
    if (req.url === "/early") return void res.writeHead(413, { Connection: "close" }).end("too large");
    req.resume();
    setTimeout(() => res.writeHead(req.url === "/500" ? 500 : 200).end("done"), 3);
  });

/** Sends a request of the attacker, a large upload where it is to be refused early. */
function attack(url: string, path: string, counts: Counts): Promise<void> {
  return new Promise((resolve) => {
    const done = (what: string) => () => {
      count(counts, `${path} ${what}`);
      resolve();
    };
    const method = path === "/early" ? "POST" : "GET";
    const sent = httpRequest(url + path, { method, agent: false, headers: { "x-client": "198.51.100.1" } }, (res) => {
      res.resume().on("close", done(String(res.statusCode)));
    });
    sent.on("error", done("no response")).end(path === "/early" ? Buffer.alloc(1_000_000) : undefined);
  });
}

/** One client causes every kind of failure that it can, in twenty requests at once. */
async function attackAlone(seconds: number): Promise<void> {
  await using service = await misbehave();
  await using app = await serveProxy({
    target: service.url,
    headersTimeoutMs: 1_000,
    clientIp: (req) => String(req.headers["x-client"]),
  });
  using breakers = collect(breakerChanged);
  const pool = new Pool(app.url, { connections: 10 });
  const end = new AbortController();
  const [honest, attacker]: [Counts, Counts] = [{}, {}];
  const clients = Array.from({ length: 10 }, (_none, client) => traffic(pool, client, end.signal, honest));
  const paths = ["/500", "/hang", "/reset", "/early"];
  const attacks = Array.from({ length: 20 }, async (_none, index) => {
    for (; !end.signal.aborted; await delay(20)) await attack(app.url, paths[index % 4] ?? "/hang", attacker);
  });
  await delay(seconds * 1_000);
  end.abort();
  await Promise.all([...clients, ...attacks]);
  await pool.close();
  console.log(`${seconds} s of one client sending ${JSON.stringify(attacker)}: the others got ${JSON.stringify(honest)}`);
  const errors = Object.entries(honest).filter(([what]) => !what.endsWith(" 200"));
  assert.deepEqual(errors, [], "another client saw an error");
  assert.equal(breakers.length, 0);
}

const { values } = parseArgs({ options: { seconds: { type: "string", default: "60" } } });
await killInTurn(Number(values.seconds));
await attackAlone(Number(values.seconds));
