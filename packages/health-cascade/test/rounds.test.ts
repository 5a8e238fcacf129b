import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { forEachHost, startDownstream, waitUntil } from "@aivillage/testing";

import {
  healthCascade,
  type HealthChecked,
  healthChecked,
  type HealthReport,
  type ServiceStatusChanged,
  serviceStatusChanged,
} from "../src/index.ts";
import { listenTcp, refusingUrl } from "./bad-services.ts";

forEachHost((host) => {
  test("two hundred callers at once, and again, cause one probe per cache interval", async () => {
    await using twin = await startDownstream({ delayMs: 5 });
    const health = healthCascade({ services: { twin: { url: twin.url } }, cacheMs: 60_000, deadlineMs: 5_000 });
    await using app = await host.serve([health]);
    for (let wave = 0; wave < 2; wave += 1) {
      const answers = await Promise.all(Array.from({ length: 200 }, async () => (await (await fetch(app.url)).json()) as HealthReport));
      assert.ok(answers.every(({ status }) => status === "healthy"));
      assert.equal(new Set(answers.map(({ timestamp }) => timestamp)).size, 1);
    }
    assert.equal(twin.received.length, 1);
  });
});

test("callers share a running round even without a cache", async () => {
  await using twin = await startDownstream({ delayMs: 20 });
  const health = healthCascade({ services: { twin: { url: twin.url } }, cacheMs: 0, deadlineMs: 5_000 });
  await Promise.all(Array.from({ length: 50 }, () => health.check()));
  assert.equal(twin.received.length, 1);
  await health.check();
  assert.equal(twin.received.length, 2);
});

test("the cache ends after cacheMs and the next caller gets new knowledge", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({ services: { twin: { url: twin.url } }, cacheMs: 150, deadlineMs: 5_000 });
  assert.equal((await health.check()).status, "healthy");
  twin.script = { status: 500 };
  await delay(160);
  assert.equal((await health.check()).status, "unhealthy");
  assert.equal(twin.received.length, 2);
});

test("a cached answer says how little the caller waited and when it was measured", async () => {
  await using hung = await startDownstream({ hang: true });
  const health = healthCascade({ services: { twin: { url: hung.url } }, cacheMs: 60_000 });
  const first = await health.check();
  assert.ok(first.gateway.response_time_ms >= 75, `${first.gateway.response_time_ms} ms`);
  const second = await health.check();
  assert.ok(second.gateway.response_time_ms < 40, `${second.gateway.response_time_ms} ms`);
  assert.equal(second.timestamp, first.timestamp);
  health.close();
});

test("a new round gives up the probes of the last one, so that a hung service holds one connection", async () => {
  await using hung = await listenTcp(() => undefined);
  const health = healthCascade({ services: { twin: { url: hung.url } }, cacheMs: 0, deadlineMs: 10 });
  for (let round = 0; round < 10; round += 1) await health.check();
  await waitUntil(() => hung.sockets.size === 1, "nine of ten connections are closed");
  health.close();
  await waitUntil(() => hung.sockets.size === 0, "the last is closed");
});

test("a service that hung is healthy at the first round after it has recovered", async () => {
  await using twin = await startDownstream({ hang: true });
  const health = healthCascade({ services: { twin: { url: twin.url } }, cacheMs: 0, deadlineMs: 200 });
  assert.equal((await health.check()).status, "unhealthy");
  twin.script = {};
  assert.equal((await health.check()).status, "healthy");
});

test("a change is told once, with where it came from and why", async () => {
  await using twin = await startDownstream();
  const told: ServiceStatusChanged[] = [];
  const stop = serviceStatusChanged.subscribe((message) => void told.push(message));
  const health = healthCascade({
    services: { twin: { url: twin.url }, away: { url: await refusingUrl() } },
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

test("every round is told once with status and duration, callers are not", async () => {
  await using hung = await startDownstream({ hang: true });
  const told: HealthChecked[] = [];
  const stop = healthChecked.subscribe((message) => void told.push(message));
  const health = healthCascade({ services: { twin: { url: hung.url } }, cacheMs: 60_000 });
  await Promise.all([health.check(), health.check()]);
  await health.check();
  stop();
  assert.equal(told.length, 1);
  assert.equal(told[0]?.status, "unhealthy");
  assert.ok((told[0]?.durationMs ?? 0) >= 75, `${told[0]?.durationMs} ms`);
  health.close();
});

test("close() lets waiting callers go at once, probes no more, and keeps what is known", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({ services: { twin: { url: twin.url } }, cacheMs: 0, deadlineMs: 60_000 });
  const known = (await health.check()).services;
  twin.script = { hang: true };
  const waiting = health.check();
  await waitUntil(() => twin.received.length === 2, "the second probe has arrived");
  health.close();
  assert.deepEqual((await waiting).services, known);
  assert.deepEqual((await health.check()).services, known);
  assert.equal(twin.received.length, 2);
  await waitUntil(() => twin.received[1]?.clientLeftAt !== undefined, "the second probe is given up");
});

test("closed before the first round, nothing is known of any service", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({ services: { twin: { url: twin.url }, off: { url: twin.url, disabled: true } } });
  health.close();
  health.close();
  const { status, services } = await health.check();
  assert.equal(status, "unhealthy");
  assert.deepEqual(services, { twin: { status: "unhealthy", error: "no answer yet" }, off: { status: "disabled" } });
  assert.equal(twin.received.length, 0);
});
