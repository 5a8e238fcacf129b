import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { deadUrl, eventually, listen, startDownstream } from "@aivillage/testing";
import * as fc from "fast-check";

import { Breaker } from "../src/breaker.ts";
import { breakerChanged, downstreamAttempted } from "../src/index.ts";
import { collect, rawClient, send, serveProxy } from "./support.ts";

function record(settings: { failures: number; openMs: number }) {
  const breaker = new Breaker(settings);
  const changes: string[] = [];
  const listener = { onBreakerChange: (from: string, to: string): void => void changes.push(`${from} > ${to}`) };
  return {
    changes,
    enter: (now: number) => breaker.enter(now, listener),
    leave: (pass: "normal" | "probe", verdict: "good" | "bad" | "none", now: number) => breaker.leave(pass, verdict, now, listener),
  };
}

test("it opens after failures in a row, and a success in between starts the count anew", () => {
  const { changes, enter, leave } = record({ failures: 3, openMs: 100 });
  for (const verdict of ["bad", "bad", "good", "bad", "none", "bad"] as const) leave("normal", verdict, 0);
  assert.equal(enter(0), "normal");
  leave("normal", "bad", 0);
  assert.equal(enter(99), undefined);
  assert.deepEqual(changes, ["closed > open"]);
});

test("after openMs one request probes, and its outcome decides", () => {
  const { changes, enter, leave } = record({ failures: 1, openMs: 100 });
  leave("normal", "bad", 0);
  assert.equal(enter(100), "probe");
  assert.equal(enter(101), undefined);
  leave("probe", "bad", 150);
  assert.equal(enter(249), undefined);
  assert.equal(enter(250), "probe");
  leave("probe", "good", 260);
  assert.equal(enter(261), "normal");
  assert.deepEqual(changes, ["closed > open", "open > half-open", "half-open > open", "open > half-open", "half-open > closed"]);
});

test("a probe that is cancelled leaves its turn to the next request", () => {
  const { enter, leave } = record({ failures: 1, openMs: 100 });
  leave("normal", "bad", 0);
  assert.equal(enter(100), "probe");
  leave("probe", "none", 110);
  assert.equal(enter(111), "probe");
});

test("answers to requests from before do not overrule the probe", () => {
  const { enter, leave } = record({ failures: 1, openMs: 100 });
  leave("normal", "bad", 0);
  leave("normal", "good", 50);
  assert.equal(enter(60), undefined);
  assert.equal(enter(100), "probe");
  leave("normal", "good", 101);
  assert.equal(enter(102), undefined);
});

test("whatever happens, never more than one probe is out, and a closed breaker has seen fewer failures in a row than its limit", () => {
  const step = fc.record({ wait: fc.nat(60), verdict: fc.constantFrom("good", "bad", "none") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { enter, leave } = record({ failures: 3, openMs: 100 });
      const out: ("normal" | "probe")[] = [];
      let now = 0;
      for (const { wait, verdict } of steps) {
        now += wait;
        const pass = enter(now);
        if (pass !== undefined) out.push(pass);
        assert.ok(out.filter((one) => one === "probe").length <= 1);
        if (wait % 2 === 0) {
          const back = out.shift();
          if (back !== undefined) leave(back, verdict, now);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("an open breaker refuses at once with 503 and Retry-After, and a successful probe closes it", async () => {
  await using downstream = await startDownstream({ status: 500 });
  await using app = await serveProxy({ targets: [{ name: "twin", url: downstream.url }], breaker: { failures: 3, openMs: 2_000 } });
  using changes = collect(breakerChanged);
  using attempts = collect(downstreamAttempted);
  for (let request = 0; request < 3; request += 1) assert.equal((await send(app.url)).status, 500);
  const refused = await send(app.url);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers["retry-after"], "5");
  assert.match(refused.body, /service-unavailable.*twin/);
  assert.equal(downstream.received.length, 3);
  assert.equal(attempts.at(-1)?.outcome, "refused");
  assert.equal(attempts.at(-1)?.origin, undefined);

  downstream.script = {};
  await eventually(async () => (await send(app.url)).status === 200, "a request probes");
  assert.deepEqual(
    changes.map(({ target, from, to }) => `${target}: ${from} > ${to}`),
    ["twin: closed > open", "twin: open > half-open", "twin: half-open > closed"],
  );
});

test("only one request probes while the others are refused", async () => {
  const received: ServerResponse[] = [];
  await using downstream = await listen((_req, res) => void (received.push(res) === 1 && res.writeHead(500).end()));
  await using app = await serveProxy({ target: downstream.url, breaker: { failures: 1, openMs: 50 } });
  await send(app.url);
  await delay(60);
  const probe = send(app.url);
  await eventually(() => received.length === 2, "the probe is under way");
  const others = await Promise.all(Array.from({ length: 4 }, () => send(app.url)));
  assert.deepEqual(
    others.map(({ status }) => status),
    [503, 503, 503, 503],
  );
  received[1]?.end();
  assert.equal((await probe).status, 200);
  assert.equal(received.length, 2);
});

test("an open breaker sends requests to the next target without a wait", async () => {
  await using second = await startDownstream();
  await using app = await serveProxy({
    targets: [
      { name: "first", url: await deadUrl() },
      { name: "second", url: second.url },
    ],
    breaker: { failures: 1 },
  });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url)).status, 200);
  assert.equal((await send(app.url)).status, 200);
  assert.deepEqual(
    attempts.map(({ target, outcome }) => `${target} ${outcome}`),
    ["first connect_error", "second success", "first refused", "second success"],
  );
});

test("an event stream that probes closes the breaker with its head", async () => {
  await using downstream = await startDownstream({ status: 500 });
  await using app = await serveProxy({ target: downstream.url, breaker: { failures: 1, openMs: 50 } });
  await send(app.url);
  await delay(60);
  downstream.script = (request) => (request.url === "/sse" ? { sse: { events: Array.from({ length: 1_000 }, String) } } : {});
  using changes = collect(breakerChanged);
  const stream = await rawClient(app.port, "GET /sse HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => changes.at(-1)?.to === "closed", "the breaker is closed");
  assert.equal((await send(app.url)).status, 200);
  assert.ok(!stream.text().includes("data: 999"), "the stream goes on");
  stream.socket.destroy();
});

test("a breaker can be left out", async () => {
  await using downstream = await startDownstream({ status: 500 });
  await using app = await serveProxy({ target: downstream.url, breaker: false });
  for (let request = 0; request < 8; request += 1) assert.equal((await send(app.url)).status, 500);
});
