import assert from "node:assert/strict";
import { test } from "node:test";

import { startDownstream } from "@aivillage/testing";

import { highestScore } from "../src/targets/session-score.ts";
import { send, serveProxy } from "./support.ts";

const replicas = (...weights: number[]) => weights.map((weight, index) => ({ url: `http://10.0.0.${index}`, weight }));

test("sessions spread over the replicas by weight, and most stay when a replica is added", () => {
  const before = replicas(1, 1, 2);
  const after = [...before, { url: "http://10.0.0.9", weight: 1 }];
  const counts = new Map<string, number>();
  let moved = 0;
  for (let session = 0; session < 10_000; session += 1) {
    const { url } = highestScore(before, `session-${session}`);
    counts.set(url, (counts.get(url) ?? 0) + 1);
    if (highestScore(after, `session-${session}`).url !== url) moved += 1;
  }
  for (const [url, share] of [
    ["http://10.0.0.0", 0.25],
    ["http://10.0.0.1", 0.25],
    ["http://10.0.0.2", 0.5],
  ] as const) {
    assert.ok(Math.abs((counts.get(url) ?? 0) / 10_000 - share) < 0.03, `${url}: ${counts.get(url)}`);
  }
  assert.ok(Math.abs(moved / 10_000 - 0.2) < 0.03, `${moved} moved`);
});

test("requests of one session reach one replica, and another one when it is down", async () => {
  await using a = await startDownstream({ body: "a" });
  await using b = await startDownstream({ body: "b" });
  await using app = await serveProxy({
    targets: [{ name: "twin", url: [a.url, b.url] }],
    affinity: ({ headers }) => headers["x-session"]?.toString(),
  });
  const ask = async (session: number) => (await send(app.url, { headers: { "X-Session": `${session}` } })).body;
  const first = await Promise.all(Array.from({ length: 20 }, (_, session) => ask(session)));
  assert.deepEqual(new Set(first), new Set(["a", "b"]));
  const again = await Promise.all(Array.from({ length: 20 }, (_, session) => ask(session)));
  assert.deepEqual(again, first);
  await a[Symbol.asyncDispose]();
  const moved = await Promise.all(Array.from({ length: 20 }, (_, session) => ask(session)));
  assert.deepEqual(new Set(moved), new Set(["b"]));
});

test("a canary gets the share of its weight, and a weight of 0 gets nothing while another replica works", async () => {
  await using stable = await startDownstream({ body: "stable" });
  await using canary = await startDownstream({ body: "canary" });
  await using drained = await startDownstream({ body: "drained" });
  const url = [
    { url: stable.url, weight: 90 },
    { url: canary.url, weight: 10 },
    { url: drained.url, weight: 0 },
  ];
  await using app = await serveProxy({ targets: [{ name: "twin", url }] });
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 25 }, () => send(app.url)));
  assert.equal(drained.received.length, 0);
  // 50 of 500 are expected; beyond 20 and 90 the chance is below one in a million.
  assert.ok(canary.received.length > 20 && canary.received.length < 90, `${canary.received.length}`);
});
