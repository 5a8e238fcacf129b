import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { freePort, waitUntil } from "@aivillage/testing";

import { breakerChanged, downstreamAttempted, replicaChanged } from "../src/index.ts";
import { collect, serveProxy } from "./support.ts";

/** A server that can be killed with all its connections, and come back at the same port. */
class Replica {
  readonly #listener: RequestListener;
  #server: Server | undefined;
  #port = 0;
  received = 0;

  constructor() {
    this.#listener = (req, res) => {
      this.received += 1;
      req.resume().on("end", () => setTimeout(() => res.end("ok"), 5));
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<this> {
    this.#port ||= await freePort();
    const server = createServer(this.#listener).listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
    return this;
  }

  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server?.closeAllConnections();
    await closed;
  }
}

/** Clients that send one request after the other, every third one a POST. */
function load(url: string, clients: number) {
  const answers: { at: number; method: string; status: number; tookMs: number }[] = [];
  const end = new AbortController();
  const one = async (client: number): Promise<void> => {
    for (let count = client; !end.signal.aborted; count += 1) {
      const method = count % 3 === 0 ? "POST" : "GET";
      const at = performance.now();
      const answer = await fetch(url, method === "POST" ? { method, body: "x" } : { method });
      await answer.text();
      answers.push({ at, method, status: answer.status, tookMs: performance.now() - at });
      await delay(2);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_none, client) => one(client)));
  return {
    answers,
    async stop() {
      end.abort();
      await done;
    },
  };
}

test("one of two replicas is killed and comes back under load: only a POST that was being handled can fail", async () => {
  const [a, b] = [await new Replica().start(), await new Replica().start()];
  await using app = await serveProxy({ targets: [{ name: "twin", url: [a.url, b.url] }], ejection: { baseMs: 200, maxMs: 400 } });
  using attempts = collect(downstreamAttempted);
  using changes = collect(replicaChanged);
  const clients = 12;
  const traffic = load(app.url, clients);
  await delay(300);
  const inFlight = clients;
  await a.kill();
  const goneAt = performance.now();
  await waitUntil(() => changes.length > 0, "the dead replica is ejected");
  await delay(300);
  const before = a.received;
  await a.start();
  await waitUntil(() => changes.some(({ to }) => to === "returned"), "the replica returns", 20_000);
  await waitUntil(() => a.received > before + 5, "it gets its share again", 20_000);
  await traffic.stop();
  await Promise.all([a.kill(), b.kill()]);

  const failed = traffic.answers.filter(({ status }) => status !== 200);
  assert.ok(failed.length <= inFlight, `${failed.length} failed`);
  assert.ok(failed.every(({ method, at }) => method === "POST" && at <= goneAt));
  assert.ok(traffic.answers.length > 60);
  assert.deepEqual([...new Set(changes.map(({ origin }) => origin))], [a.url]);
  assert.equal(changes[0]?.ejectedMs, 200);
  assert.ok(attempts.length <= traffic.answers.length * 1.3 + 30, `${attempts.length} attempts for ${traffic.answers.length} requests`);
});

test("with all replicas gone the breaker opens soon and answers at once, and they are found again soon", async () => {
  const [a, b] = [await new Replica().start(), await new Replica().start()];
  await using app = await serveProxy({ targets: [{ name: "twin", url: [a.url, b.url] }], breaker: { openMs: 2_000 } });
  using attempts = collect(downstreamAttempted);
  using states = collect(breakerChanged);
  const traffic = load(app.url, 6);
  await delay(150);
  await Promise.all([a.kill(), b.kill()]);
  await waitUntil(() => states.some(({ to }) => to === "open"), "the breaker opens");
  const openedAt = performance.now();
  // What was under way then.
  await delay(300);
  const attemptsAtOpening = attempts.filter(({ outcome }) => outcome !== "refused").length;
  await delay(350);
  const whileOpen = traffic.answers.filter(({ at }) => at > openedAt);
  const times = whileOpen.map(({ tookMs }) => tookMs).toSorted((x, y) => x - y);
  assert.ok(whileOpen.length > 10 && whileOpen.every(({ status }) => status === 503));
  assert.ok((times[Math.floor(times.length / 2)] ?? Infinity) < 500, `median ${times[Math.floor(times.length / 2)]} ms`);
  assert.equal(attempts.filter(({ outcome }) => outcome !== "refused").length, attemptsAtOpening);

  await Promise.all([a.start(), b.start()]);
  await waitUntil(() => traffic.answers.at(-1)?.status === 200, "requests are answered again", 20_000);
  await traffic.stop();
  await Promise.all([a.kill(), b.kill()]);
});

test("a replica that is still dead is asked less and less often", async () => {
  const [a, b] = [await new Replica().start(), await new Replica().start()];
  await a.kill();
  await using app = await serveProxy({
    targets: [{ name: "twin", url: [a.url, b.url] }],
    ejection: { failures: 1, baseMs: 40, maxMs: 5_000 },
  });
  using changes = collect(replicaChanged);
  const traffic = load(app.url, 4);
  await waitUntil(() => changes.length >= 3, "it is ejected again and again", 20_000);
  await traffic.stop();
  await b.kill();
  assert.deepEqual(
    changes.slice(0, 3).map(({ to, ejectedMs }) => `${to} ${ejectedMs}`),
    ["ejected 40", "ejected 80", "ejected 160"],
  );
  assert.ok(traffic.answers.every(({ status }) => status === 200));
});
