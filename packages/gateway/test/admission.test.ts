import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, startDownstream } from "@aivillage/testing";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const startWith = (document: object, env: Record<string, string> = {}) => startTestGateway({ CONFIG_FILE: configFile(document), ...env });
const chat = (gateway: TestGateway): Promise<Response> => gateway.post("/v1/chat", { message: "hello" });
const typeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { type: unknown }).type;
const metricOf = async (gateway: TestGateway, series: string): Promise<number> => {
  const line = (await gateway.gateway.registry.metrics()).split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length));
};
const endless = { sse: { events: Array.from({ length: 1_000 }, (_, index) => String(index)), everyMs: 50 } };

test("a key gets half of what a service serves at once; beyond the queue it is refused, and not charged", async () => {
  const document = { routes: [{ path: "/v1/chat", concurrency: { max: 4 } }], concurrency: { queueSize: 0 } };
  await using gateway = await startWith(document, { RATE_LIMIT_REQUESTS: "4" });
  gateway.twin.script = endless;
  const streams = [await chat(gateway), await chat(gateway)];
  for (let round = 0; round < 5; round += 1) {
    const refused = await chat(gateway);
    assert.equal(refused.status, 429);
    assert.match(String(await typeOf(refused)), /concurrency-exceeded\.md$/);
    assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
  }
  assert.equal(await metricOf(gateway, 'gateway_admission_in_flight{limit="twin"}'), 2);
  assert.equal(await metricOf(gateway, 'gateway_admission_limit{limit="twin"}'), 4);
  assert.equal(await metricOf(gateway, 'gateway_admission_refusals_total{limit="twin.key",of="client",reason="queue-full"}'), 5);
  assert.equal(gateway.log.filter(({ message }) => message === "no free slot").length, 1);
  for (const { body } of streams) await body?.cancel();
  await eventually(async () => (await metricOf(gateway, 'gateway_admission_in_flight{limit="twin"}')) === 0, "the slots are free");
  // Two of four requests were charged; five that were refused were not.
  gateway.twin.script = {};
  assert.deepEqual([(await chat(gateway)).status, (await chat(gateway)).status], [200, 200]);
});

test("a request waits for a slot, and its response says at which place", async () => {
  await using gateway = await startWith({ routes: [{ path: "/v1/chat", concurrency: { max: 1, perKey: 1 } }] });
  gateway.twin.script = endless;
  const first = await chat(gateway);
  const second = chat(gateway);
  await eventually(async () => (await metricOf(gateway, 'gateway_admission_waiting{limit="twin"}')) === 1, "the second waits");
  gateway.twin.script = {};
  await first.body?.cancel();
  const { status, headers } = await second;
  assert.deepEqual([status, headers.get("x-queue-position")], [200, "1"]);
  assert.equal(await metricOf(gateway, 'gateway_admission_wait_seconds_count{limit="twin"}'), 2);
});

test("routes share the slots of an upstream, and a reload keeps what is in progress", async () => {
  await using service = await startDownstream(endless);
  const upstream = [service.url];
  const document = {
    concurrency: { queueSize: 0, upstreams: [{ url: service.url, max: 1 }] },
    routes: ["/a", "/b"].map((path) => ({ path, public: true, upstream })),
  };
  await using gateway = await startWith(document);
  const held = await fetch(`${gateway.url}/a`);
  gateway.gateway.reload(gateway.gateway.config);
  const refused = await fetch(`${gateway.url}/b`);
  assert.deepEqual([held.status, refused.status], [200, 429]);
  await held.body?.cancel();
  await eventually(async () => {
    const response = await fetch(`${gateway.url}/b`);
    await response.body?.cancel();
    return response.status === 200;
  }, "the slot is free");
});

test("a limit that a reload removes leaves the gauges with its last request", async () => {
  await using gateway = await startWith({ routes: [{ path: "/v1/chat", concurrency: { max: 4 } }] });
  gateway.twin.script = endless;
  const stream = await chat(gateway);
  gateway.gateway.reload({ ...gateway.gateway.config, routes: [] });
  assert.equal(await metricOf(gateway, 'gateway_admission_in_flight{limit="twin"}'), 1, "it is still held");
  await stream.body?.cancel();
  await eventually(
    async () => !/gateway_admission_(?:in_flight|waiting|limit)\{/.test(await gateway.gateway.registry.metrics()),
    "all are gone",
  );
});

test("a key has a limit over all routes, and its tier may have another", async () => {
  await using gateway = await startWith(
    {
      concurrency: { queueSize: 0 },
      rateLimit: { tiers: [{ name: "anonymous", requests: 100, concurrency: 1 }] },
      routes: [{ path: "/open", public: true, upstream: ["http://127.0.0.1:9"] }],
    },
    { MAX_CONCURRENT_PER_KEY: "2" },
  );
  gateway.twin.script = endless;
  const streams = [await chat(gateway), await chat(gateway)];
  const refused = await gateway.post("/v1/query", { query: "hello" });
  assert.equal(refused.status, 429);
  for (const { body } of streams) await body?.cancel();
});

test("without a limit of concurrency nothing stands before a service", async () => {
  await using gateway = await startTestGateway();
  assert.equal((await chat(gateway)).status, 200);
  assert.doesNotMatch(await gateway.gateway.registry.metrics(), /gateway_admission_\w+\{/);
});

test("limits that contradict themselves are refused with their location", () => {
  const problems = (document: object): string => problemsOf({ env: {}, file: configFile(document) }).join("\n");
  const ofRoute = (concurrency: object): string => problems({ routes: [{ path: "/v1/chat", concurrency }] });
  assert.match(ofRoute({ adaptive: { min: 9, max: 4 } }), /routes.*\/v1\/chat has `adaptive.min` above `adaptive.max`/);
  assert.match(ofRoute({ max: 1, adaptive: { max: 4 } }), /needs either `max` or `adaptive`/);
  assert.match(ofRoute({ max: 2, perKey: 3 }), /`perKey` of 3, above the 2/);
  const upstreams = [{ url: "http://nowhere:1", max: 1 }];
  assert.match(problems({ concurrency: { upstreams } }), /`concurrency.upstreams`\[0\] http:\/\/nowhere:1 is the upstream of no route/);
});
