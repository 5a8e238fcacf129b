import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually, listen, type Script, startDownstream } from "@aivillage/testing";

import { type HealthCascade, healthCascade, type HealthCascadeOptions, type HealthReport, type ServiceReport } from "../src/index.ts";
import { listenTcp } from "./bad-services.ts";

/** For services that fail at once: the deadline is out of reach, so that a busy machine makes nobody late. */
const unhurried = { deadlineMs: 60_000 };

/** What one check of one bad service says. That it is late names the deadline; how promptly it comes is for the soak to judge. */
async function checkOnce(url: string, options: Partial<HealthCascadeOptions> = {}): Promise<ServiceReport | undefined> {
  const health = healthCascade({ services: { twin: { url } }, probe: "request", ...options });
  const startedAt = performance.now();
  const report = await health.check();
  const tookMs = performance.now() - startedAt;
  health.close();
  assert.ok(report.gateway.response_time_ms <= tookMs + 0.1);
  assert.equal(report.status === "unhealthy", report.services["twin"]?.status === "unhealthy");
  return report.services["twin"];
}

/** Asks again and again, from the cache, until what is known of the services is as expected. */
async function servicesOnce(
  health: HealthCascade,
  isExpected: (services: HealthReport["services"]) => boolean,
): Promise<HealthReport["services"]> {
  let services: HealthReport["services"] = {};
  const look = async (): Promise<boolean> => {
    ({ services } = await health.check());
    return isExpected(services);
  };
  await eventually(look, "the services are as expected", { state: () => services });
  return services;
}

/** The report with the times taken out: what remains is always the same. */
const withoutTime = (report: ServiceReport | undefined): unknown => ({ ...report, response_time_ms: undefined });

const lateResponse = { status: "unhealthy", error: "no response within 80 ms" };

const tooSlow: Record<string, Script> = {
  "that hangs": { hang: true },
  "that answers after 5 s": { delayMs: 5_000 },
  "that starts to answer and does not end": { slowBody: { chunks: 2, everyMs: 5_000 } },
};

for (const [name, script] of Object.entries(tooSlow)) {
  test(`a service ${name} is late, and the report is not`, async () => {
    await using bad = await startDownstream(script);
    assert.deepEqual(await checkOnce(bad.url), lateResponse);
  });
}

for (const reset of ["before-head", "mid-body"] as const) {
  test(`a service that resets the connection ${reset} is unhealthy`, async () => {
    await using bad = await startDownstream({ reset });
    assert.deepEqual(await checkOnce(bad.url, unhurried), { status: "unhealthy", error: "connection reset" });
  });
}

for (const status of [302, 304, 401, 404, 500, 503]) {
  test(`a service that returns ${status} is unhealthy, and no redirect or retry follows`, async () => {
    await using elsewhere = await startDownstream();
    await using bad = await startDownstream({ status, headers: { Location: elsewhere.url, "Retry-After": "0" } });
    const report = await checkOnce(bad.url, unhurried);
    assert.ok(report?.status === "unhealthy" && Number(report.response_time_ms) > 0);
    assert.deepEqual(Object.keys(report), ["status", "status_code", "response_time_ms", "error"]);
    assert.deepEqual([report.status_code, report.error], [status, "unexpected status"]);
    assert.equal(bad.received.length, 1);
    assert.equal(elsewhere.received.length, 0);
  });
}

test("a response just before the deadline may come in time or not, and the report says which", async () => {
  await using edge = await startDownstream({ delayMs: 79 });
  const report = await checkOnce(edge.url);
  if (report?.status === "healthy") assert.ok(Number(report.response_time_ms) <= 80, `${report.response_time_ms} ms`);
  else assert.equal(report?.status === "unhealthy" && report.error, lateResponse.error);
});

test("garbage, a closed door, TLS on a plain port and a name that is none have texts of their own, without addresses", async () => {
  await using garbage = await listenTcp((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
  await using closing = await listenTcp((socket) => socket.once("data", () => socket.end()));
  await using hugeHead = await listenTcp((socket) => socket.end(`HTTP/1.1 200 OK\r\nX: ${"a".repeat(100_000)}\r\n\r\n`));
  await using plain = await listen((_req, res) => void res.end());
  const cases: [string, string][] = [
    [garbage.url, "not an HTTP response"],
    [hugeHead.url, "not an HTTP response"],
    [closing.url, "connection reset"],
    [await deadUrl(), "connection refused"],
    [plain.url.replace("http:", "https:"), "TLS failed"],
  ];
  for (const [url, error] of cases) {
    assert.deepEqual(await checkOnce(url, unhurried), { status: "unhealthy", error });
  }
  const { services } = await healthCascade({
    services: { twin: { url: "http://service.invalid" } },
    probe: "request",
    deadlineMs: 5_000,
  }).check();
  assert.deepEqual(services, { twin: { status: "unhealthy", error: "name not found" } });
});

test("no more than 64 KiB of a body are read, and what was read counts", async () => {
  let sent = 0;
  let gone = false;
  await using endless = await listen((_req, res) => {
    const piece = Buffer.alloc(16_384);
    const more = (): void => {
      while (!res.destroyed && sent < 1e9) {
        sent += piece.length;
        if (!res.write(piece)) return;
      }
    };
    res.on("drain", more).on("close", () => (gone = true));
    more();
  });
  assert.deepEqual(withoutTime(await checkOnce(endless.url, unhurried)), {
    status: "healthy",
    status_code: 200,
    response_time_ms: undefined,
  });
  await eventually(() => gone, "the connection is closed");
  assert.ok(sent < 50_000_000, `${sent} bytes: only what kernel buffers took`);
});

test("one that hangs holds up nobody: the others are reported as they are", async () => {
  await using good = await startDownstream();
  await using hung = await startDownstream({ hang: true });
  const health = healthCascade({ services: { good: { url: good.url }, hung: { url: hung.url } }, probe: "request", deadlineMs: 2_000 });
  const { status, services } = await health.check();
  assert.equal(status, "degraded");
  assert.equal(services["good"]?.status, "healthy");
  assert.deepEqual(services["hung"], { status: "unhealthy", error: "no response within 2000 ms" });
  health.close();
});

test("a late response shows its time in the next report and is still unhealthy", async () => {
  await using slow = await startDownstream({ delayMs: 150 });
  const health = healthCascade({ services: { twin: { url: slow.url } }, probe: "request", cacheMs: 60_000 });
  assert.deepEqual((await health.check()).services["twin"], lateResponse);
  const { twin } = await servicesOnce(health, ({ twin: now }) => now !== undefined && "status_code" in now);
  assert.ok(twin?.status === "unhealthy");
  assert.ok((twin.response_time_ms ?? 0) >= 145, `${twin.response_time_ms} ms`);
  assert.deepEqual(withoutTime(twin), { ...lateResponse, status_code: 200, response_time_ms: undefined });
  assert.equal(slow.received.length, 1);
  health.close();
});

test("a probe that hangs is ended by timeoutMs, of the service before that of all", async () => {
  await using hung = await startDownstream({ hang: true });
  const health = healthCascade({
    services: { own: { url: hung.url, timeoutMs: 30 }, common: { url: hung.url } },
    timeoutMs: 150,
    deadlineMs: 80,
    probe: "request",
    cacheMs: 60_000,
  });
  const { services } = await health.check();
  assert.deepEqual(services["common"], lateResponse);
  const timedOut = (report: ServiceReport | undefined): boolean => report?.status === "unhealthy" && report.error === "timed out";
  await servicesOnce(health, ({ own, common }) => timedOut(own) && timedOut(common));
  await eventually(() => hung.received.every(({ clientLeftAt }) => clientLeftAt !== undefined), "both connections are closed");
  assert.equal(hung.received.length, 2);
});
