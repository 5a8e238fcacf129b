import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type GatewayProcess, startGatewayProcess } from "../bench/support/gateway-process.ts";
import { Canaries } from "./canary-support.ts";

const canaries = new Canaries();
const plant = (place: string): string => canaries.plant(place);
const secretsOfClient = () => ({
  query: new URLSearchParams({ text: plant("query") }).toString(),
  headers: { cookie: `session=${plant("Cookie")}`, "proxy-authorization": `Bearer ${plant("Proxy-Authorization")}` },
});

/** A gateway with two workers that tell of every request. At its end no secret may stand in what they and it printed. */
async function startCluster(env: Record<string, string>): Promise<GatewayProcess> {
  const secrets = { API_KEY: plant("API_KEY"), SECRET_KEY: plant("SECRET_KEY") };
  const gateway = await startGatewayProcess({
    // Within an hour, even a busy machine forgets nothing that it has counted.
    env: { ...secrets, WORKERS: "2", LOG_LEVEL: "DEBUG", LOG_LINES_PER_SECOND: "1000", RATE_LIMIT_WINDOW: "3600", ...env },
  });
  return {
    ...gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      assert.deepEqual(canaries.in(gateway.output()), [], "secrets were printed");
    },
  };
}

/** Statuses of many requests, each on a connection of its own, so that they reach all workers. */
async function statuses(url: string, count: number): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const one = async (): Promise<void> => {
    const { query, headers } = secretsOfClient();
    const response = await fetch(`${url}?${query}`, { headers: { ...headers, connection: "close" } });
    await response.arrayBuffer();
    found.set(response.status, (found.get(response.status) ?? 0) + 1);
  };
  await Promise.all(Array.from({ length: count }, one));
  return found;
}

describe("WORKERS", () => {
  test("share one limit: of 300 requests at once against a limit of 100 exactly 100 pass; SIGTERM stops all in order with 0", async () => {
    await using cluster = await startCluster({ RATE_LIMIT_REQUESTS: "100" });
    assert.deepEqual(Object.fromEntries(await statuses(cluster.url, 300)), { 200: 100, 429: 200 });
    const workers = new Set(cluster.lines("request completed").map(({ worker }) => worker));
    assert.ok(workers.size > 1, "several workers answered");
    cluster.child.kill("SIGTERM");
    assert.equal(await cluster.ended, 0);
    assert.equal(cluster.lines("gateway stopped").length, 2);
  });

  test("a worker that was killed is replaced, and what was counted stays counted", async () => {
    await using cluster = await startCluster({ RATE_LIMIT_REQUESTS: "20" });
    assert.equal((await statuses(cluster.url, 15)).get(200), 15);
    const [first] = cluster.lines("gateway listens");
    process.kill(Number(first?.["pid"]), "SIGKILL");
    await cluster.told("gateway listens", 3);
    assert.equal(cluster.lines("worker died")[0]?.["signal"], "SIGKILL");
    assert.deepEqual(Object.fromEntries(await statuses(cluster.url, 15)), { 200: 5, 429: 10 });
  });

  test("any of them serves a scrape for all, including one that was replaced in between", async () => {
    await using cluster = await startCluster({ RATE_LIMIT_REQUESTS: "100000" });
    const livez = `${cluster.url}/livez`;
    await statuses(livez, 40);
    cluster.child.kill("SIGUSR2");
    await cluster.told("workers replaced");
    await statuses(livez, 30);
    for (let scrape = 0; scrape < 3; scrape += 1) {
      const text = await (await fetch(`${cluster.url}/metrics`, { headers: { connection: "close" } })).text();
      assert.match(text, /gateway_requests_total\{method="GET",endpoint="\/livez",status="200"\} 70/);
      assert.match(text, /gateway_build_info\{version="[^"]+"\} 1/);
    }
  });
});
