import assert from "node:assert/strict";
import { test } from "node:test";

import { type Script, startDownstream } from "@aivillage/testing";

import { healthCascade, type HealthCascadeOptions, serviceStatusChanged } from "../src/index.ts";

const good: Script = {};
const bad: Script = { status: 500 };

/** What a service is said to be after each of these answers, and how often a change was told. */
async function statusesAfter(
  scripts: readonly Script[],
  options: Partial<HealthCascadeOptions> & { own?: { rise?: number; fall?: number } },
) {
  const { own, ...common } = options;
  await using twin = await startDownstream();
  const health = healthCascade({
    services: { twin: { url: twin.url, ...own } },
    probe: "request",
    cacheMs: 0,
    deadlineMs: 5_000,
    ...common,
  });
  const changes: string[] = [];
  const stop = serviceStatusChanged.subscribe(({ source, to }) => void (source === health && changes.push(to)));
  const statuses: string[] = [];
  for (const script of scripts) {
    twin.script = script;
    statuses.push((await health.check()).services["twin"]?.status ?? "");
  }
  stop();
  return { statuses: statuses.map((status) => (status === "healthy" ? "+" : "-")).join(""), changes };
}

const sequence = (pattern: string): Script[] => pattern.split("").map((each) => (each === "+" ? good : bad));

test("without thresholds every probe decides", async () => {
  assert.equal((await statusesAfter(sequence("+-+--+"), {})).statuses, "+-+--+");
});

test("the first probe decides alone, whatever the thresholds", async () => {
  for (const first of ["+", "-"]) assert.equal((await statusesAfter(sequence(first), { rise: 5, fall: 5 })).statuses, first);
});

test("rise and fall are counted in a row, and a service that flaps faster than that keeps its status", async () => {
  const { statuses, changes } = await statusesAfter(sequence("+-+--+--+---++-+++"), { rise: 3, fall: 3 });
  assert.equal(statuses, "+++++++++++------+");
  assert.deepEqual(changes, ["healthy", "unhealthy", "healthy"]);
});

test("a service may have thresholds of its own", async () => {
  assert.equal((await statusesAfter(sequence("+--+++"), { rise: 3, fall: 3, own: { rise: 2, fall: 1 } })).statuses, "+---++");
});

test("while a threshold is not reached the last probe is shown beside the status", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({
    services: { twin: { url: twin.url } },
    probe: "request",
    cacheMs: 0,
    deadlineMs: 5_000,
    rise: 2,
    fall: 2,
  });
  const seen: unknown[] = [];
  for (const script of [good, bad, bad, good, good]) {
    twin.script = script;
    const { response_time_ms: responseMs, ...rest } = (await health.check()).services["twin"] ?? { status: "" };
    assert.ok(Number(responseMs) > 0);
    seen.push(rest);
  }
  assert.deepEqual(seen, [
    { status: "healthy", status_code: 200 },
    { status: "healthy", status_code: 500, error: "unexpected status" },
    { status: "unhealthy", status_code: 500, error: "unexpected status" },
    { status: "unhealthy", status_code: 200, error: "recovering" },
    { status: "healthy", status_code: 200 },
  ]);
});

test("a probe that stays away counts once in every round that it misses", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({ services: { twin: { url: twin.url } }, probe: "request", cacheMs: 0, deadlineMs: 500, fall: 3 });
  assert.equal((await health.check()).status, "healthy");
  twin.script = { hang: true };
  const seen: unknown[] = [];
  for (let round = 0; round < 3; round += 1) seen.push((await health.check()).services["twin"]);
  const error = "no response within 500 ms";
  assert.deepEqual(seen, [
    { status: "healthy", error },
    { status: "healthy", error },
    { status: "unhealthy", error },
  ]);
  assert.equal(twin.received.length, 2, "one probe for the first round and one for all others");
  health.close();
});
