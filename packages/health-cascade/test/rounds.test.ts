import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";

import { deadUrl, eventually, forEachHost, listen, startDownstream } from "@aivillage/testing";

import {
  type HealthSource,
  healthCascade,
  type HealthChecked,
  healthChecked,
  type HealthReport,
  replicaStatusChanged,
  type ServiceStatusChanged,
  serviceStatusChanged,
} from "../src/index.ts";
import { listenTcp } from "./bad-services.ts";

/** Resolves after so many turns of the event loop: what needs a timer or a socket takes longer than a few of them. */
async function turns(count: number): Promise<undefined> {
  for (let passed = 0; passed < count; passed += 1) await turn();
}

forEachHost((host) => {
  test("sixty callers at once, and again, cause one probe per cache interval", async () => {
    await using twin = await startDownstream({ delayMs: 5 });
    const health = healthCascade({ services: { twin: { url: twin.url } }, probe: "request", cacheMs: 60_000, deadlineMs: 5_000 });
    await using app = await host.serve([health]);
    for (let wave = 0; wave < 2; wave += 1) {
      const responses = await Promise.all(Array.from({ length: 60 }, async () => (await (await fetch(app.url)).json()) as HealthReport));
      assert.ok(responses.every(({ status }) => status === "healthy"));
      assert.equal(new Set(responses.map(({ timestamp }) => timestamp)).size, 1);
    }
    assert.equal(twin.received.length, 1);
  });
});

test("callers share a running round even without a cache", async () => {
  await using twin = await startDownstream({ delayMs: 20 });
  const health = healthCascade({ services: { twin: { url: twin.url } }, probe: "request", cacheMs: 0, deadlineMs: 5_000 });
  await Promise.all(Array.from({ length: 50 }, () => health.check()));
  assert.equal(twin.received.length, 1);
  await health.check();
  assert.equal(twin.received.length, 2);
});

test("the cache ends after cacheMs and the next caller gets new knowledge", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({ services: { twin: { url: twin.url } }, probe: "request", cacheMs: 150, staleMs: 0, deadlineMs: 5_000 });
  assert.equal((await health.check()).status, "healthy");
  twin.script = { status: 500 };
  await delay(160);
  assert.equal((await health.check()).status, "unhealthy");
  assert.equal(twin.received.length, 2);
});

test("a cached response says how little the caller waited and when it was measured", async () => {
  await using hung = await startDownstream({ hang: true });
  const health = healthCascade({ services: { twin: { url: hung.url } }, probe: "request", cacheMs: 60_000, deadlineMs: 1_000 });
  const first = await health.check();
  assert.ok(first.gateway.response_time_ms >= 990, `${first.gateway.response_time_ms} ms`);
  const second = await health.check();
  assert.ok(second.gateway.response_time_ms < 990, `${second.gateway.response_time_ms} ms`);
  assert.equal(second.timestamp, first.timestamp);
  health.close();
});

test("a probe goes on through later rounds up to timeoutMs, and its replica gets no second one meanwhile", async () => {
  await using hung = await listenTcp(() => undefined);
  const health = healthCascade({ services: { twin: { url: hung.url } }, probe: "request", cacheMs: 0, deadlineMs: 500, timeoutMs: 4_000 });
  await health.check();
  for (let round = 0; round < 20; round += 1) {
    // Those after the first wait for nobody who is late already.
    const report = await Promise.race([health.check(), turns(50)]);
    assert.deepEqual(report?.services["twin"], { status: "unhealthy", error: "no response within 500 ms" });
    assert.equal(hung.sockets.size, 1);
  }
  await eventually(() => hung.sockets.size === 0, "the probe is given up after timeoutMs");
  void health.check();
  await eventually(() => hung.sockets.size === 1, "the next round probes again");
  health.close();
  await eventually(() => hung.sockets.size === 0, "nothing is left");
});

test("a service that hung is healthy at the first round after its probe has ended", async () => {
  await using twin = await startDownstream({ hang: true });
  const health = healthCascade({
    services: { twin: { url: twin.url } },
    probe: "request",
    cacheMs: 0,
    deadlineMs: 2_000,
    timeoutMs: 2_200,
  });
  assert.equal((await health.check()).status, "unhealthy");
  twin.script = {};
  await eventually(() => twin.received[0]?.clientLeftAt !== undefined, "the probe is given up");
  assert.equal((await health.check()).status, "healthy");
});

test("a response past cacheMs is returned while the next round runs, but never one that is older than staleMs on top", async () => {
  const probes: ServerResponse[] = [];
  await using twin = await listen((_req, res) => void (probes.push(res) === 1 && res.end()));
  const health = healthCascade({
    services: { twin: { url: twin.url } },
    probe: "request",
    cacheMs: 50,
    staleMs: 1_000,
    deadlineMs: 60_000,
    timeoutMs: 60_000,
  });
  assert.equal((await health.check()).status, "healthy");
  const knownAt = performance.now();
  await delay(60);
  const asked = health.check();
  const stale = await Promise.race([asked, turns(50)]);
  // A machine that stood still for so long sees what comes next.
  if (performance.now() - knownAt < 1_000) assert.equal(stale?.status, "healthy");
  await eventually(() => probes.length === 2, "the stale answer has started a round");
  await delay(Math.max(0, 1_100 - (performance.now() - knownAt)));
  const late = health.check();
  assert.equal(await Promise.race([late, turns(50)]), undefined, "too old to be told: this caller waits for the round");
  probes[1]?.writeHead(500).end();
  assert.equal((await late).status, "unhealthy");
  assert.equal(probes.length, 2);
  health.close();
});

test("without staleMs every caller after cacheMs waits for the new round", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({ services: { twin: { url: twin.url } }, probe: "request", cacheMs: 20, staleMs: 0, deadlineMs: 5_000 });
  await health.check();
  twin.script = { status: 500, delayMs: 50 };
  await delay(25);
  const responses = await Promise.all([health.check(), health.check(), health.check()]);
  assert.ok(responses.every(({ status }) => status === "unhealthy"));
  assert.equal(twin.received.length, 2);
});

test("a change is reported once, with where it came from and why", async () => {
  await using twin = await startDownstream();
  const told: Omit<ServiceStatusChanged, "source">[] = [];
  const stop = serviceStatusChanged.subscribe(({ source, ...message }) => {
    assert.equal(source, health);
    told.push(message);
  });
  const health = healthCascade({
    services: { twin: { url: twin.url }, away: { url: await deadUrl() } },
    probe: "request",
    cacheMs: 0,
    deadlineMs: 5_000,
  });
  for (const script of [{}, {}, { status: 500 }, { reset: "before-head" as const }, {}]) {
    twin.script = script;
    await health.check();
  }
  stop();
  assert.deepEqual(
    told.filter(({ service }) => service === "twin"),
    [
      { service: "twin", from: "unknown", to: "healthy" },
      { service: "twin", from: "healthy", to: "unhealthy", error: "unexpected status" },
      { service: "twin", from: "unhealthy", to: "healthy" },
    ],
  );
  assert.deepEqual(
    told.filter(({ service }) => service !== "twin"),
    [{ service: "away", from: "unknown", to: "unhealthy", error: "connection refused" }],
  );
});

test("every round is reported once with status and duration, callers are not", async () => {
  await using hung = await startDownstream({ hang: true });
  const told: HealthChecked[] = [];
  const stop = healthChecked.subscribe((message) => void told.push(message));
  const health = healthCascade({ services: { twin: { url: hung.url } }, probe: "request", cacheMs: 60_000 });
  await Promise.all([health.check(), health.check()]);
  await health.check();
  stop();
  assert.equal(told.length, 1);
  assert.equal(told[0]?.status, "unhealthy");
  assert.ok((told[0]?.durationMs ?? 0) >= 75, `${told[0]?.durationMs} ms`);
  health.close();
});

test("a deadline that has passed before the last of many probes could start is kept without a warning of Node", async (t) => {
  await using hung = await startDownstream({ hang: true });
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on("warning", hear);
  t.after(() => process.off("warning", hear));
  const services = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`service_${index}`, { url: hung.url }]));
  const health = healthCascade({ services, probe: "request", deadlineMs: 1 });
  const report = await health.check();
  assert.ok(Object.values(report.services).every(({ error }) => error === "no response within 1 ms"));
  health.close();
  await delay(20);
  assert.deepEqual(warnings, []);
});

test("two cascades in one process mark their messages", async () => {
  await using twin = await startDownstream();
  const seen: unknown[] = [];
  const names = new Map<HealthSource, string>();
  const stops = [serviceStatusChanged, replicaStatusChanged, healthChecked].map((told) =>
    told.subscribe(({ source }: { source: HealthSource }) => void seen.push([told.name.split(":").at(-1), names.get(source)])),
  );
  for (const name of ["one", "two"]) {
    const health = healthCascade({ services: { twin: { url: twin.url } }, probe: "request", deadlineMs: 5_000 });
    names.set(health, name);
    await health.check();
  }
  for (const stop of stops) stop();
  assert.deepEqual(
    seen,
    ["one", "two"].flatMap((name) => [
      ["replica-status-changed", name],
      ["service-status-changed", name],
      ["health-checked", name],
    ]),
  );
});

test("close() lets waiting callers go at once, probes no more, and keeps what is known", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({ services: { twin: { url: twin.url } }, probe: "request", cacheMs: 0, deadlineMs: 60_000 });
  const known = (await health.check()).services;
  twin.script = { hang: true };
  const waiting = health.check();
  await eventually(() => twin.received.length === 2, "the second probe has arrived");
  health.close();
  assert.deepEqual((await waiting).services, known);
  assert.deepEqual((await health.check()).services, known);
  assert.equal(twin.received.length, 2);
  await eventually(() => twin.received[1]?.clientLeftAt !== undefined, "the second probe is given up");
});

test("closed before the first round, nothing is known of any service", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({ services: { twin: { url: twin.url }, off: { url: twin.url, disabled: true } } });
  health.close();
  health.close();
  const { status, services } = await health.check();
  assert.equal(status, "degraded");
  assert.deepEqual(services, { twin: { status: "unknown", error: "no response yet" }, off: { status: "disabled" } });
  assert.equal(twin.received.length, 0);
});
