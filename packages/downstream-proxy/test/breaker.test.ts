import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { deadUrl, eventually, listen, startDownstream } from "@aivillage/testing";
import * as fc from "fast-check";

import { Breaker } from "../src/failures/breaker.ts";
import { breakerChanged, downstreamAttempted } from "../src/index.ts";
import { collect, rawClient, send, serveProxy } from "./support.ts";

const settings = { windowMs: 10_000, minRequests: 10, minClients: 5, share: 0.5, openMs: 100, maxOpenMs: 300 };

function record(given: Partial<typeof settings> = {}) {
  const breaker = new Breaker({ ...settings, ...given });
  const changes: string[] = [];
  const caller = (client: string, startedAt: number) => ({
    startedAt,
    source: () => ({ name: client, outOf: Infinity }),
    onBreakerChange: (from: string, to: string): void => void changes.push(`${from} > ${to}`),
  });
  return {
    breaker,
    changes,
    admits: (now: number, client = "a") => breaker.admits(caller(client, now), now),
    responded: (now: number, startedAt = now) => breaker.responded(caller("a", startedAt), now),
    unreachable: (now: number, startedAt = now) => breaker.failed("unreachable", caller("a", startedAt), now),
    failed: (client: string, now: number, startedAt = now) => breaker.failed("failed", caller(client, startedAt), now),
    /** Opens it at 0. */
    open: () => {
      for (let count = 0; count < 10; count += 1) breaker.failed("unreachable", caller("a", 0), 0);
    },
  };
}

test("connections that fail open it, and after openMs three responses close it", () => {
  const { changes, admits, open, responded } = record();
  open();
  assert.equal(admits(99), false);
  for (const now of [100, 110, 120]) {
    assert.equal(admits(now), true);
    responded(now);
  }
  assert.equal(admits(121), true);
  assert.deepEqual(changes, ["closed > open", "open > half-open", "half-open > closed"]);
});

test("while the target stays unreachable it is open for twice as long each time, up to maxOpenMs, and starts over once closed", () => {
  const { admits, open, unreachable, responded, changes } = record();
  open();
  for (const [from, ms] of [
    [100, 200],
    [300, 300],
    [600, 300],
  ] as const) {
    assert.equal(admits(from), true);
    unreachable(from);
    assert.equal(admits(from + ms - 1), false);
  }
  for (const now of [900, 901, 902]) {
    assert.equal(admits(now), true);
    responded(now);
  }
  for (let count = 0; count < 10; count += 1) unreachable(1_000);
  assert.equal(changes.at(-1), "closed > open");
  assert.equal(admits(1_099), false);
  assert.equal(admits(1_100), true);
});

test("a request that hangs while it is half-open holds up nobody, and one client gets one place in a second", () => {
  const { admits, open } = record();
  open();
  assert.equal(admits(100, "slow"), true);
  assert.equal(admits(101, "other"), false);
  assert.deepEqual([admits(1_100, "slow"), admits(1_101, "slow"), admits(1_102, "other")], [true, false, true]);
});

test("the slow requests of one client do not open it again, those of many do", () => {
  const { admits, open, failed, breaker } = record();
  open();
  assert.equal(admits(100), true);
  for (let count = 0; count < 100; count += 1) failed("slow", 100);
  assert.equal(breaker.state, "half-open");
  for (let count = 0; count < 10; count += 1) failed(`other ${count}`, 100);
  assert.equal(breaker.state, "open");
});

test("what was sent before it opened says nothing of the target as it is now", () => {
  const { admits, open, responded, unreachable, breaker } = record();
  open();
  responded(50, 0);
  assert.equal(breaker.state, "open");
  assert.equal(admits(100), true);
  for (let count = 0; count < 5; count += 1) responded(101, 0);
  unreachable(102, 0);
  assert.equal(breaker.state, "half-open");
});

test("after a suspicion earlier responses count no longer, and one client is as little enough as before", () => {
  const { breaker, responded, failed, unreachable } = record();
  for (let count = 0; count < 1_000; count += 1) responded(0);
  breaker.suspect();
  for (let count = 0; count < 1_000; count += 1) failed("one", 0);
  for (let count = 0; count < 9; count += 1) unreachable(0);
  assert.equal(breaker.state, "closed");
  unreachable(0);
  assert.equal(breaker.state, "open");
});

test("whatever four clients do, they neither open it nor keep it from closing", () => {
  const step = fc.record({ wait: fc.nat(2_000), client: fc.nat(3), fails: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.boolean(), (steps, opens) => {
      const { breaker, admits, open, failed, responded } = record();
      if (opens) open();
      let now = 200;
      for (const { wait, client, fails } of steps) {
        now += wait;
        if (!admits(now, `attacker ${client}`)) continue;
        if (fails) failed(`attacker ${client}`, now);
        else responded(now);
      }
      if (!opens) assert.equal(breaker.state, "closed");
      for (let tries = 0; tries < 20 && breaker.state !== "closed"; tries += 1) {
        now += 1_000;
        for (let client = 0; client < 4; client += 1) admits(now, `attacker ${client}`);
        if (admits(now, "honest")) responded(now);
      }
      assert.equal(breaker.state, "closed");
    }),
    { numRuns: 300 },
  );
});

/** One failure is enough, of whichever client. */
const touchy = { minRequests: 1, minClients: 1 };

test("an open breaker refuses at once with 503 and Retry-After, and responses close it", async () => {
  await using downstream = await startDownstream({ status: 500 });
  await using app = await serveProxy({
    targets: [{ name: "twin", url: downstream.url }],
    failureStatuses: [500],
    failureWindow: { minRequests: 3, minClients: 1, share: 0.6 },
    client: (req) => req.url,
    breaker: { openMs: 600 },
  });
  using changes = collect(breakerChanged);
  using attempts = collect(downstreamAttempted);
  for (let request = 0; request < 3; request += 1) assert.equal((await send(`${app.url}/${request}`)).status, 500);
  const refused = await send(app.url);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers["retry-after"], "5");
  assert.match(refused.body, /service-unavailable.*The upstream service has failed repeatedly/);
  assert.equal(downstream.received.length, 3);
  assert.equal(attempts.at(-1)?.outcome, "refused");
  assert.equal(attempts.at(-1)?.origin, undefined);

  downstream.script = {};
  await eventually(async () => (await send(app.url)).status === 200, "a request may try the target");
  for (let request = 0; request < 2; request += 1) assert.equal((await send(app.url)).status, 200);
  assert.deepEqual(
    changes.map(({ target, from, to }) => `${target}: ${from} > ${to}`),
    ["twin: closed > open", "twin: open > half-open", "twin: half-open > closed"],
  );
});

test("a target that went away opens it for a single client too, and one that returns is found again", async () => {
  await using away = await listen((_req, res) => void res.end());
  await using app = await serveProxy({ target: away.url });
  for (let request = 0; request < 20; request += 1) assert.equal((await send(app.url)).status, 200);
  await away.goAway();
  await eventually(async () => (await send(app.url)).status === 503, "the breaker opens");
  assert.equal(app.proxy.state()[0]?.breaker, "open");
});

test("a target that was never there opens it within ten attempts", async () => {
  await using app = await serveProxy({ target: await deadUrl(), retries: false });
  const statuses = [];
  for (let request = 0; request < 11; request += 1) statuses.push((await send(app.url)).status);
  assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 502), 503]);
});

test("while a request that tries the target hangs, others try it too", async () => {
  const received: ServerResponse[] = [];
  await using downstream = await listen((_req, res) => void (received.push(res) === 1 && res.writeHead(500).end()));
  await using app = await serveProxy({
    target: downstream.url,
    failureStatuses: [500],
    failureWindow: touchy,
    client: (req) => req.url,
    breaker: { openMs: 1 },
  });
  /** The status of the first response that is not the breaker's. */
  const admitted = async (url: string): Promise<number> => {
    const { status } = await send(url);
    return status === 503 ? admitted(url) : status;
  };
  await send(app.url);
  const slow = admitted(`${app.url}/slow`);
  await eventually(() => received.length === 2, "a request tries the target");
  const other = admitted(`${app.url}/other`);
  await eventually(() => received.length === 3, "another one tries it, although the first has no response");
  for (const res of received.slice(1)) res.end();
  assert.deepEqual(await Promise.all([slow, other]), [200, 200]);
});

test("an open breaker sends requests to the next target without a wait", async () => {
  await using second = await startDownstream();
  await using app = await serveProxy({
    targets: [
      { name: "first", url: await deadUrl() },
      { name: "second", url: second.url },
    ],
    failureWindow: touchy,
  });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url)).status, 200);
  assert.equal((await send(app.url)).status, 200);
  assert.deepEqual(
    attempts.map(({ target, outcome }) => `${target} ${outcome}`),
    ["first connect_error", "second success", "first refused", "second success"],
  );
});

test("an event stream counts with its head, not with its end", async () => {
  await using downstream = await startDownstream({ status: 500 });
  await using app = await serveProxy({ target: downstream.url, failureStatuses: [500], failureWindow: touchy, breaker: { openMs: 1 } });
  await send(app.url);
  downstream.script = { sse: { events: Array.from({ length: 1_000 }, String) } };
  using changes = collect(breakerChanged);
  const streams = [];
  while (app.proxy.state()[0]?.breaker !== "closed") {
    const stream = await rawClient(app.port, "GET /sse HTTP/1.1\r\nHost: a\r\n\r\n");
    streams.push(stream);
    await eventually(() => stream.text() !== "", "it has a response");
  }
  assert.equal(changes.at(-1)?.to, "closed");
  assert.ok(
    streams.every((stream) => !stream.text().includes("data: 999")),
    "the streams go on",
  );
  for (const { socket } of streams) socket.destroy();
});

test("a breaker can be left out", async () => {
  await using app = await serveProxy({ target: await deadUrl(), breaker: false, retries: false });
  for (let request = 0; request < 15; request += 1) assert.equal((await send(app.url)).status, 502);
});
