import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { deadUrl, type Downstream, startDownstream } from "@aivillage/testing";

import {
  healthCascade,
  type HealthCascadeOptions,
  type ReplicaStatusChanged,
  replicaStatusChanged,
  serviceStatusChanged,
} from "../src/index.ts";

function cascadeOver(services: HealthCascadeOptions["services"], options: Partial<HealthCascadeOptions> = {}) {
  return healthCascade({ services, probe: "request", cacheMs: 0, deadlineMs: 5_000, ...options });
}

const twinOf = async (health: ReturnType<typeof healthCascade>) => (await health.check()).services["twin"];

test("a service whose requests fail is unhealthy although its probes succeed, until they succeed again", async () => {
  await using twin = await startDownstream();
  const health = cascadeOver({ twin: { url: twin.url } });
  const changes: unknown[] = [];
  const stop = serviceStatusChanged.subscribe(({ source, from, to, error }) => void (source === health && changes.push([from, to, error])));
  assert.equal((await twinOf(health))?.status, "healthy");
  health.reportHealth({ service: "twin", healthy: false });
  assert.deepEqual(changes.at(-1), ["healthy", "unhealthy", "requests fail"], "told at once, not at the next probe");
  for (let round = 0; round < 3; round += 1) {
    const { response_time_ms: responseMs, ...rest } = (await twinOf(health)) ?? { status: "" };
    assert.ok(Number(responseMs) > 0);
    assert.deepEqual(rest, { status: "unhealthy", status_code: 200, error: "requests fail" });
  }
  health.reportHealth({ service: "twin", healthy: true });
  assert.deepEqual(changes.at(-1), ["unhealthy", "healthy", undefined]);
  assert.equal((await twinOf(health))?.status, "healthy");
  assert.equal(changes.length, 3);
  stop();
});

test("requests that succeed overrule no bad probe, and what probes found stays the reason", async () => {
  const health = cascadeOver({ twin: { url: await deadUrl() } });
  health.reportHealth({ service: "twin", healthy: true });
  const refused = { status: "unhealthy", error: "connection refused" };
  assert.deepEqual(await twinOf(health), refused);
  health.reportHealth({ service: "twin", healthy: false });
  assert.deepEqual(await twinOf(health), refused);
  health.reportHealth({ service: "twin", healthy: true });
  assert.deepEqual(await twinOf(health), refused);
});

test("trouble that nobody repeats is forgotten after reportedHealthMs, and repeating it prolongs it", async () => {
  await using twin = await startDownstream();
  const health = cascadeOver({ twin: { url: twin.url } }, { reportedHealthMs: 1_000 });
  health.reportHealth({ service: "twin", healthy: false });
  const startedAt = performance.now();
  await delay(500);
  health.reportHealth({ service: "twin", healthy: false });
  await delay(600);
  const stillDown = (await twinOf(health))?.status;
  if (performance.now() - startedAt < 1_450) assert.equal(stillDown, "unhealthy");
  await delay(1_100);
  assert.equal((await twinOf(health))?.status, "healthy");
});

test("a service is known to be down before its first probe when its requests fail", async () => {
  await using twin = await startDownstream();
  const health = cascadeOver({ twin: { url: twin.url } });
  const changes: unknown[] = [];
  const stop = serviceStatusChanged.subscribe(({ source, from, to, error }) => void (source === health && changes.push([from, to, error])));
  health.reportHealth({ service: "twin", healthy: true });
  assert.deepEqual(changes, [], "good requests do not answer the health path");
  health.reportHealth({ service: "twin", healthy: false });
  assert.deepEqual(changes, [["unknown", "unhealthy", "requests fail"]]);
  stop();
});

test("an ejected replica is down, the service is while no other is left", async () => {
  await using one = await startDownstream();
  await using two = await startDownstream();
  const health = cascadeOver({ twin: { url: [one.url, two.url] } }, { showReplicas: true });
  const statuses = async (): Promise<unknown> => {
    const { status, replicas = [] } = (await twinOf(health)) ?? { status: "" };
    return [status, ...replicas.map((replica) => replica.error ?? replica.status)];
  };
  await health.check();
  // The round ends with the first good answer; the second replica may be a little later.
  while (String(await statuses()).includes("no response yet")) await delay(2);
  assert.deepEqual(await statuses(), ["healthy", "healthy", "healthy"]);
  health.reportHealth({ service: "twin", replica: one.url, healthy: false });
  assert.deepEqual(await statuses(), ["healthy", "requests fail", "healthy"]);
  health.reportHealth({ service: "twin", replica: two.url, healthy: false });
  assert.deepEqual(await statuses(), ["unhealthy", "requests fail", "requests fail"]);
  health.reportHealth({ service: "twin", replica: one.url, healthy: true });
  assert.deepEqual(await statuses(), ["healthy", "healthy", "requests fail"]);
});

test("addresses of replicas are shown when allowed, and only then", async () => {
  await using up = await startDownstream();
  const url = [await deadUrl(), `${up.url}/base`];
  const hiding = cascadeOver({ twin: { url } });
  const hidden = await hiding.check();
  assert.equal(JSON.stringify(hidden).includes("127.0.0.1"), false);
  assert.deepEqual(
    hiding.lastReport({ replicas: true }).services["twin"]?.replicas?.map((replica) => replica.url),
    [url[0], up.url],
    "the process itself may ask for them",
  );
  const shown = await cascadeOver({ twin: { url }, off: { url, disabled: true } }, { showReplicas: true }).check();
  const { replicas = [], ...service } = shown.services["twin"] ?? { status: "" };
  assert.equal(service.status, "healthy");
  assert.deepEqual(replicas[0], { url: url[0], status: "unhealthy", error: "connection refused" });
  assert.deepEqual([replicas[1]?.url, replicas[1]?.status, replicas[1]?.status_code], [up.url, "healthy", 200]);
  assert.deepEqual(shown.services["off"], { status: "disabled" });
});

test("what probes know of each replica is reported, so that a proxy can leave it out; its own reports are not echoed", async () => {
  await using one: Downstream = await startDownstream();
  const health = cascadeOver({ twin: { url: [one.url] } });
  const told: Omit<ReplicaStatusChanged, "source">[] = [];
  const stop = replicaStatusChanged.subscribe(({ source, ...message }) => void (source === health && told.push(message)));
  await health.check();
  health.reportHealth({ service: "twin", replica: one.url, healthy: false });
  health.reportHealth({ service: "twin", healthy: false });
  await health.check();
  assert.deepEqual(told, [{ service: "twin", replica: one.url, from: "unknown", to: "healthy" }]);
  one.script = { status: 503 };
  await health.check();
  assert.deepEqual(told.slice(1), [{ service: "twin", replica: one.url, from: "healthy", to: "unhealthy", error: "unexpected status" }]);
  stop();
});

test("reports about unknown services and replicas are ignored, and disabled ones stay so", async () => {
  await using twin = await startDownstream();
  const health = cascadeOver({ twin: { url: twin.url }, off: { url: twin.url, disabled: true } });
  health.reportHealth({ service: "nobody", healthy: false });
  health.reportHealth({ service: "constructor", healthy: false });
  health.reportHealth({ service: "twin", replica: "http://127.0.0.1:1", healthy: false });
  health.reportHealth({ service: "off", healthy: false });
  const { status, services } = await health.check();
  assert.equal(status, "healthy");
  assert.deepEqual(services["off"], { status: "disabled" });
});
