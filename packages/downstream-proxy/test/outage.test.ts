import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { eventually, freePort } from "@aivillage/testing";

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
    if (this.#server?.listening !== true) return;
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** Clients that send one request after the other, every third one a POST. */
function load(url: string, clients: number) {
  const responses: { at: number; method: string; status: number; tookMs: number }[] = [];
  const end = new AbortController();
  const one = async (client: number): Promise<void> => {
    for (let count = client; !end.signal.aborted; count += 1) {
      const method = count % 3 === 0 ? "POST" : "GET";
      const at = performance.now();
      const response = await fetch(url, method === "POST" ? { method, body: "x" } : { method });
      await response.text();
      responses.push({ at, method, status: response.status, tookMs: performance.now() - at });
      await delay(2);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_none, client) => one(client)));
  const stop = async (): Promise<void> => {
    end.abort();
    await done;
  };
  return { responses, stop, [Symbol.asyncDispose]: stop };
}

test("one of two replicas is killed and comes back under load: only a POST that was being handled can fail", async () => {
  await using a = await new Replica().start();
  await using b = await new Replica().start();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [a.url, b.url] }], ejection: { baseMs: 200, maxMs: 400 } });
  using attempts = collect(downstreamAttempted);
  using changes = collect(replicaChanged);
  const clients = 12;
  await using traffic = load(app.url, clients);
  await eventually(() => a.received > 30 && b.received > 30, "both get their share");
  const inFlight = clients;
  await a.kill();
  const goneAt = performance.now();
  await eventually(() => changes.length > 2, "the dead replica is ejected again and again");
  const before = a.received;
  await a.start();
  await eventually(() => changes.some(({ to }) => to === "returned"), "the replica returns");
  await eventually(() => a.received > before + 5, "it gets its share again");
  await traffic.stop();

  const failed = traffic.responses.filter(({ status }) => status !== 200);
  assert.ok(failed.length <= inFlight, `${failed.length} failed`);
  assert.ok(failed.every(({ method, at }) => method === "POST" && at <= goneAt));
  assert.deepEqual([...new Set(changes.map(({ origin }) => origin))], [a.url]);
  assert.equal(changes[0]?.ejectedMs, 200);
  assert.ok(attempts.length <= traffic.responses.length * 1.3 + 30, `${attempts.length} attempts for ${traffic.responses.length} requests`);
});

test("with all replicas gone the breaker opens soon and refuses without asking them, and they are found again", async () => {
  await using a = await new Replica().start();
  await using b = await new Replica().start();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [a.url, b.url] }], breaker: { openMs: 2_000 } });
  using attempts = collect(downstreamAttempted);
  const changedAt: number[] = [];
  const changedBy: IncomingMessage[] = [];
  const stop = breakerChanged.subscribe(({ req }) => {
    changedAt.push(performance.now());
    changedBy.push(req);
  });
  await using traffic = load(app.url, 6);
  await eventually(() => a.received > 10 && b.received > 10, "both get their share");
  await Promise.all([a.kill(), b.kill()]);
  await eventually(() => changedAt.length >= 2, "the breaker opens, and probes after a while", { state: () => changedAt });
  stop();
  const [openedAt = NaN, probedAt = NaN] = changedAt;
  const whileOpen = traffic.responses.filter(({ at, tookMs }) => at > openedAt && at + tookMs < probedAt);
  assert.ok(whileOpen.length > 0 && whileOpen.every(({ status }) => status === 503));
  // The request that ends the wait begins its attempt just before the change is reported.
  const others = attempts.filter(({ outcome, req }) => outcome !== "refused" && req !== changedBy[1]);
  const begun = others.map(({ startedAt }) => startedAt - performance.timeOrigin);
  assert.deepEqual(
    begun.filter((at) => at > openedAt && at < probedAt),
    [],
  );

  await Promise.all([a.start(), b.start()]);
  await eventually(() => traffic.responses.at(-1)?.status === 200, "requests succeed again");
});

test("a replica that is still dead is asked less and less often", async () => {
  await using a = await new Replica().start();
  await using b = await new Replica().start();
  await a.kill();
  await using app = await serveProxy({
    targets: [{ name: "twin", url: [a.url, b.url] }],
    ejection: { connectFailures: 1, baseMs: 40, maxMs: 5_000 },
  });
  using changes = collect(replicaChanged);
  await using traffic = load(app.url, 4);
  await eventually(() => changes.length >= 3, "it is ejected again and again");
  await traffic.stop();
  assert.deepEqual(
    changes.slice(0, 3).map(({ to, ejectedMs }) => `${to} ${ejectedMs}`),
    ["ejected 40", "ejected 80", "ejected 160"],
  );
  assert.ok(traffic.responses.every(({ status }) => status === 200));
});
