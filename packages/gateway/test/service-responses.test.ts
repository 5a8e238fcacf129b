import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually, startDownstream } from "@aivillage/testing";

import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const problemOf = async (response: Response): Promise<{ status: number; type: string; detail: string }> =>
  (await response.json()) as { status: number; type: string; detail: string };

test("REQUEST_TIMEOUT bounds a whole response, however steadily its bytes come, and no stream", async () => {
  await using gateway = await startTestGateway({ REQUEST_TIMEOUT: "1" });
  gateway.downstream.script = {
    body: "0123456789",
    slowBody: { chunks: 10, everyMs: 300 },
    headers: { "Content-Type": "application/json" },
  };
  const cut = await gateway.post("/v1/query", { query: "hello" });
  assert.equal(cut.status, 504);
  assert.match((await problemOf(cut)).detail, /^The upstream service did not complete its response within 1000 ms\./);

  gateway.twin.script = { sse: { events: ["1", "2", "3", "4", "5", "6", "7", "8"], everyMs: 300 } };
  const stream = await gateway.post("/v1/chat", { message: "hello" });
  assert.match(await stream.text(), /data: 8/);
});

test("MAX_STREAM_SECONDS ends a stream visibly", async () => {
  await using gateway = await startTestGateway({ MAX_STREAM_SECONDS: "1" });
  gateway.twin.script = { sse: { events: ["1", "2", "3", "4", "5", "6", "7", "8"], everyMs: 300 } };
  const stream = await gateway.post("/v1/chat", { message: "hello" });
  assert.equal(stream.status, 200);
  await assert.rejects(stream.text());
});

test("a key has one bound of requests in progress from all its addresses, and each address without a key its own", async () => {
  const endless = { sse: { events: Array.from({ length: 1_000 }, (_, index) => String(index)), everyMs: 50 } };
  await using service = await startDownstream(endless);
  await using gateway = await startTestGateway({
    MAX_CONCURRENT_PER_CLIENT: "2",
    TRUSTED_PROXIES: "127.0.0.1",
    CONFIG_FILE: configFile({ routes: [{ path: "/open", public: true, upstream: [service.url] }] }),
  });
  gateway.twin.script = endless;
  const streams: Response[] = [];
  const statusFrom = async (address: string, send: (headers: Record<string, string>) => Promise<Response>): Promise<number> => {
    const response = await send({ "x-forwarded-for": address });
    streams.push(response);
    return response.status;
  };
  const withKey = (headers: Record<string, string>) => gateway.post("/v1/chat", { message: "hello" }, headers);
  const open = (headers: Record<string, string>) => fetch(`${gateway.url}/open`, { headers });
  const ofKey = [await statusFrom("192.0.2.1", withKey), await statusFrom("192.0.2.2", withKey), await statusFrom("192.0.2.3", withKey)];
  assert.deepEqual(ofKey, [200, 200, 429]);
  const ofAddresses: number[] = [];
  for (const address of ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"]) ofAddresses.push(await statusFrom(address, open));
  assert.deepEqual(ofAddresses, [200, 200, 429, 200]);
  for (const { body } of streams) await body?.cancel();
});

test("a client with too much in progress gets 429, a metric and one log line, and its other requests go on", async () => {
  await using gateway = await startTestGateway({ MAX_CONCURRENT_PER_CLIENT: "2" });
  const events = Array.from({ length: 1_000 }, (_, index) => String(index));
  gateway.twin.script = { sse: { events, everyMs: 50 } };
  const streams = await Promise.all([1, 2].map(() => gateway.post("/v1/chat", { message: "hello" })));
  for (let round = 0; round < 3; round += 1) {
    const refused = await gateway.post("/v1/chat", { message: "hello" });
    assert.equal(refused.status, 429);
    assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
    assert.match((await problemOf(refused)).type, /too-many-concurrent-requests\.md$/);
  }
  const lines = gateway.log.filter(({ message }) => message === "client has too many concurrent requests");
  assert.deepEqual(
    lines.map(({ level, service, in_progress: inProgress, limit, refused }) => ({ level, service, inProgress, limit, refused })),
    [{ level: "warn", service: "twin", inProgress: 2, limit: 2, refused: 1 }],
  );
  assert.match(await gateway.gateway.registry.metrics(), /gateway_downstream_concurrency_refusals_total\{service="twin"\} 3/);
  // The limit is per route.
  assert.equal((await gateway.post("/v1/query", { query: "hello" })).status, 200);
  for (const { body } of streams) await body?.cancel();
  gateway.twin.script = {};
  await eventually(async () => (await gateway.post("/v1/chat", { message: "hello" })).status === 200, "there is room again");
});

test("a service that refuses an upload unread has its response passed on", async () => {
  await using gateway = await startTestGateway({ MAX_FILE_SIZE: "20MB" });
  gateway.knowledgeSystem.script = { status: 413, ignoreBody: true, body: { error: "too much" }, headers: { Connection: "close" } };
  for (let round = 0; round < 6; round += 1) {
    const form = new FormData();
    form.set("file", new Blob([Buffer.alloc(8_000_000, "text ")], { type: "text/plain" }), "notes.txt");
    const response = await fetch(`${gateway.url}/v1/upload`, { method: "POST", headers: gateway.authorization, body: form });
    assert.equal(response.status, 413);
    assert.match(await response.text(), /too much/);
  }
  assert.ok(!gateway.log.some(({ message }) => message === "circuit breaker changed"));
});

test("a request whose service is down is one error line, which names replica, outcome and reason", async () => {
  const down = [await deadUrl(), await deadUrl()];
  const routes = [{ path: "/a", upstream: down, public: true }];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  for (let round = 0; round < 3; round += 1) assert.equal((await fetch(`${gateway.url}/a`)).status, 502);
  const access = () => gateway.log.filter(({ path }) => path === "/a");
  await eventually(() => access().length === 3, "the access lines are written");
  for (const { level, attempts, upstream_outcome, upstream_reason, upstream_origin } of access()) {
    assert.deepEqual([level, Number(attempts) >= 2, upstream_outcome, upstream_reason], ["error", true, "connect_error", "ECONNREFUSED"]);
    assert.ok(down.includes(String(upstream_origin)), String(upstream_origin));
  }
  assert.equal(gateway.log.filter(({ level }) => level === "error").length, 3);
  const failed = gateway.log.filter(({ message }) => message === "service failed");
  assert.deepEqual(
    new Set(failed.map(({ level, origin, reason, failures }) => `${level} ${String(origin)} ${String(reason)} ${String(failures)}`)),
    new Set(down.map((url) => `warn ${url} ECONNREFUSED 1`)),
  );
  assert.equal(failed.length, 2);
});
