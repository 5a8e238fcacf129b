import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { HealthReport } from "@aivillage/health-cascade";
import { eventually, startDownstream } from "@aivillage/testing";

import { type GatewayProcess, startGatewayProcess } from "../bench/support/gateway-process.ts";

/** Two workers before three services whose health takes 150 ms. */
async function startCluster(t: TestContext, env: Record<string, string>) {
  const services = await Promise.all([startDownstream(), startDownstream(), startDownstream()]);
  for (const service of services) {
    service.script = { delayMs: 150 };
    t.after(() => service[Symbol.asyncDispose]());
  }
  const [twin, agentController, knowledgeSystem] = services;
  const gateway = await startGatewayProcess({
    env: {
      WORKERS: "2",
      LOG_LINES_PER_SECOND: "1000",
      TWIN_URL: twin.url,
      AGENT_CONTROLLER_URL: agentController.url,
      KNOWLEDGE_SYSTEM_URL: knowledgeSystem.url,
      ...env,
    },
  });
  t.after(() => gateway[Symbol.asyncDispose]());
  return { gateway, twin };
}

/** Asks on a new connection, which any worker may get. */
const ask = (gateway: GatewayProcess, path: string): Promise<Response> =>
  fetch(gateway.url + path, { headers: { connection: "close", "user-agent": "the test" } });

async function upOfTwin(gateway: GatewayProcess): Promise<string | undefined> {
  const text = await (await ask(gateway, "/metrics")).text();
  return /^gateway_downstream_up\{service="twin"\} (.+)$/m.exec(text)?.[1];
}

/** Asks until both workers have reported this status of the twin, and resolves to when it was probed as they say. */
async function reportsOfWorkers(gateway: GatewayProcess, status: string): Promise<string[]> {
  const times = new Map<unknown, string>();
  await eventually(async () => {
    const response = await ask(gateway, "/healthz");
    const { twin } = ((await response.json()) as HealthReport).services;
    const id = response.headers.get("x-request-id");
    const worker = await eventually(
      () => gateway.lines("request completed").find((line) => line["request_id"] === id)?.["worker"],
      "its line",
    );
    if (twin?.status === status) times.set(worker, twin.checked_at ?? "");
    return times.size >= 2;
  }, `both workers report ${status}`);
  return [...times.values()];
}

test("one probe of each service serves all workers, those that start later included", async (t) => {
  // A worker that hears nothing from the primary for a second probes by itself; on a busy machine that may take several tries.
  await eventually(async () => {
    // A probe that a busy machine delays must not fail, or it is made again.
    const { gateway, twin } = await startCluster(t, { HEALTH_CHECK_INTERVAL: "1h", HEALTH_CHECK_TIMEOUT: "10m" });
    await eventually(async () => (await upOfTwin(gateway)) === "1", "the twin is up");
    assert.equal(new Set(await reportsOfWorkers(gateway, "healthy")).size, 1);
    process.kill(Number(gateway.lines("gateway listens")[0]?.["pid"]), "SIGKILL");
    await gateway.told("gateway listens", 3);
    await eventually(async () => (await upOfTwin(gateway)) === "1", "the twin is up");
    await reportsOfWorkers(gateway, "healthy");
    return twin.received.length === 1;
  }, "one probe for all workers");
});

test("all workers follow a service that goes and comes back, and no metric is left behind", async (t) => {
  const { gateway, twin } = await startCluster(t, { HEALTH_CHECK_INTERVAL: "1" });
  for (const [script, up, status] of [
    [{ delayMs: 150 }, "1", "healthy"],
    [{ reset: "before-head" }, "0", "unhealthy"],
    [{ delayMs: 150 }, "1", "healthy"],
  ] as const) {
    twin.script = script;
    await eventually(async () => (await upOfTwin(gateway)) === up, `the twin is ${status}`);
    await reportsOfWorkers(gateway, status);
    assert.equal(await upOfTwin(gateway), up);
  }
});
