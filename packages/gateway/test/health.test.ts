import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { HealthReport } from "@aivillage/health-cascade";
import { deadUrl, type Downstream, eventually, startDownstream } from "@aivillage/testing";

import { loadConfig } from "../src/index.ts";
import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const often = { HEALTH_CHECK_INTERVAL: "1" };

async function healthOf(gateway: TestGateway): Promise<HealthReport & { code: number }> {
  const response = await fetch(`${gateway.url}/healthz`);
  return { ...((await response.json()) as HealthReport), code: response.status };
}

/** The statuses of all services, as soon as each is known. */
function knownServices(gateway: TestGateway): Promise<Record<string, string>> {
  return eventually(async () => {
    const { services } = await healthOf(gateway);
    const statuses = Object.entries(services).map(([name, { status }]) => [name, status]);
    return statuses.every(([, status]) => status !== "unknown") && (Object.fromEntries(statuses) as Record<string, string>);
  }, "all services are known") as Promise<Record<string, string>>;
}

const series = async ({ gateway }: TestGateway, name: string): Promise<Record<string, string>> => {
  const text = await gateway.registry.metrics();
  return Object.fromEntries(
    [...text.matchAll(new RegExp(`^${name}\\{service="([^"]+)"\\} (.+)$`, "gm"))].map(([, service, value]) => [service, value]),
  );
};

const up = (gateway: TestGateway): Promise<Record<string, string>> => series(gateway, "gateway_downstream_up");

describe("health", () => {
  test("of services that need 150 ms is known from background probes, without anybody asking", async () => {
    await using gateway = await startTestGateway(often);
    for (const service of [gateway.twin, gateway.agentController, gateway.knowledgeSystem]) service.script = { delayMs: 150 };
    const all = { agent_controller: "1", knowledge_system: "1", twin: "1" };
    await eventually(async () => assert.deepEqual(await up(gateway), all) === undefined, "all are up");
    assert.deepEqual([(await healthOf(gateway)).status, (await healthOf(gateway)).code], ["healthy", 200]);
    const times = await series(gateway, "gateway_downstream_probe_timestamp_seconds");
    assert.ok(
      Object.values(times).every((time) => Math.abs(Number(time) - Date.now() / 1_000) < 3_600),
      JSON.stringify(times),
    );
    await eventually(
      async () => Number((await series(gateway, "gateway_downstream_probe_duration_seconds"))["twin"]) >= 0.14,
      "durations are shown",
    );

    gateway.twin.script = { status: 503 };
    await eventually(async () => (await up(gateway))["twin"] === "0", "the twin is down");
    assert.equal((await healthOf(gateway)).status, "degraded");
    gateway.twin.script = {};
    await eventually(async () => (await up(gateway))["twin"] === "1", "the twin is up again");
  });

  test("of a service that takes longer than HEALTH_CHECK_TIMEOUT is unhealthy", async () => {
    await using gateway = await startTestGateway({ ...often, HEALTH_CHECK_TIMEOUT: "1" });
    gateway.twin.script = { hang: true };
    await eventually(async () => (await healthOf(gateway)).services["twin"]?.error === "timed out", "the probe of the twin is given up");
  });

  test("includes the services of own routes: any response is a sign of life unless the route names a path", async () => {
    await using plain = await startDownstream({ status: 404 });
    await using checked = await startDownstream(({ url }) => ({ status: url === "/ready?full" ? 204 : 500 }));
    await using wrong = await startDownstream({ status: 404 });
    await using failing = await startDownstream({ status: 500 });
    await using unprobed = await startDownstream();
    const CONFIG_FILE = configFile({
      routes: [
        { path: "/v1/plain", upstream: [plain.url] },
        { path: "/v1/checked/{id}", upstream: [checked.url], health: { path: "/ready?full", expectedStatus: [200, 204] } },
        { path: "/v1/wrong", upstream: [wrong.url], health: { path: "/ready" } },
        { path: "/v1/failing", upstream: [failing.url] },
        { path: "/v1/gone", upstream: [await deadUrl()] },
        { path: "/v1/unprobed", upstream: [unprobed.url], health: { disabled: true } },
        { path: "/v1/query", limits: [{ requests: 100 }] },
      ],
    });
    await using gateway = await startTestGateway({ ...often, CONFIG_FILE });
    assert.deepEqual(await knownServices(gateway), {
      twin: "healthy",
      agent_controller: "healthy",
      knowledge_system: "healthy",
      "v1.plain": "healthy",
      "v1.checked.id": "healthy",
      "v1.wrong": "unhealthy",
      "v1.failing": "unhealthy",
      "v1.gone": "unhealthy",
      "v1.unprobed": "disabled",
    });
    assert.equal(unprobed.received.length, 0);
    assert.equal((await up(gateway))["v1.gone"], "0");
    assert.equal((await up(gateway))["v1.unprobed"], undefined);
  });

  test("series end with what they describe: after a reload without a route, and when nobody probes any more", async () => {
    await using notes = await startDownstream();
    const file = configFile({ routes: [{ path: "/v1/notes", upstream: [notes.url] }] });
    await using gateway = await startTestGateway({ HEALTH_CHECK_TIMEOUT: "1", CONFIG_FILE: file });
    await knownServices(gateway);
    assert.ok("v1.notes" in (await up(gateway)));
    // On request only, results are shown for about two seconds.
    await eventually(async () => Object.keys(await up(gateway)).length === 0, "all results are too old");
    await knownServices(gateway);
    const { config } = gateway.gateway;
    gateway.gateway.reload({ ...structuredClone(config), routes: [] });
    await knownServices(gateway);
    assert.deepEqual(Object.keys(await up(gateway)).toSorted(), ["agent_controller", "knowledge_system", "twin"]);
  });

  test("goes on after reloads without anybody asking, without a gap, and without the probes of earlier configurations", async () => {
    await using gateway = await startTestGateway({ ...often, HEALTH_CHECK_TIMEOUT: "60" });
    const all = { agent_controller: "1", knowledge_system: "1", twin: "1" };
    await eventually(async () => assert.deepEqual(await up(gateway), all) === undefined, "all are up");
    // A stream goes on by the first configuration while others take its place.
    gateway.twin.script = ({ url }) => (url === "/v1/chat" ? { slowBody: { chunks: 1_000, everyMs: 1_000 } } : {});
    const leaving = new AbortController();
    const stream = await fetch(`${gateway.url}/v1/chat`, {
      method: "POST",
      headers: { ...gateway.authorization, "content-type": "application/json" },
      body: JSON.stringify({ message: "hello" }),
      signal: leaving.signal,
    });
    const probes = ({ received }: Downstream, path: string): number => received.filter(({ url }) => url === path).length;
    for (const path of ["/a", "/b", "/healthz"]) {
      const config = structuredClone(gateway.gateway.config);
      gateway.gateway.reload({ ...config, health: { ...config.health, services: [{ name: "twin", path }] } });
      assert.equal((await up(gateway))["knowledge_system"], "1");
    }
    const before = ["/a", "/b"].map((path) => probes(gateway.twin, path));
    const now = probes(gateway.twin, "/healthz");
    await eventually(() => probes(gateway.twin, "/healthz") >= now + 3, "the twin is probed by the last configuration");
    const after = ["/a", "/b"].map((path) => probes(gateway.twin, path));
    assert.ok(
      after.every((count, index) => count <= (before[index] ?? 0) + 1),
      `${before.join()} then ${after.join()}`,
    );
    leaving.abort();
    await stream.body?.cancel().catch(() => undefined);
  });

  test("of a critical service decides for the whole, and each service has its own path and statuses", async () => {
    const CONFIG_FILE = configFile({
      health: {
        services: [{ name: "twin", path: "/status", expectedStatus: "4xx", critical: true, intervalSeconds: 1, timeoutSeconds: 2 }],
      },
    });
    await using gateway = await startTestGateway({ HEALTH_CHECK_INTERVAL: "3600", CONFIG_FILE });
    gateway.twin.script = ({ url }) => ({ status: url === "/status" ? 418 : 200 });
    await eventually(async () => (await healthOf(gateway)).status === "healthy", "a 418 of /status is expected");
    gateway.twin.script = {};
    await eventually(async () => (await healthOf(gateway)).code === 503, "without the twin all is unhealthy");
    assert.equal((await healthOf(gateway)).services["knowledge_system"]?.status, "healthy");
  });

  test("leaves out the agent controller where nothing is sent to it", async () => {
    await using gateway = await startTestGateway({ ...often, ENABLE_AGENT_PROXY: "false" });
    assert.equal((await knownServices(gateway))["agent_controller"], "disabled");
    assert.equal(gateway.agentController.received.length, 0);
  });

  test("of one service is what /readyz?service= reports", async () => {
    await using notes = await startDownstream();
    const CONFIG_FILE = configFile({ routes: [{ path: "/v1/up", upstream: [notes.url] }] });
    await using gateway = await startTestGateway({ ...often, CONFIG_FILE, TWIN_URL: await deadUrl() });
    await knownServices(gateway);
    const ready = async (query: string): Promise<number> => {
      const response = await fetch(`${gateway.url}/readyz${query}`);
      await response.text();
      return response.status;
    };
    assert.equal(await ready(""), 200);
    assert.equal(await ready("?service=v1.up"), 200);
    assert.equal(await ready("?service=twin"), 503);
    assert.equal(await ready("?service=v1.up&service=twin"), 503);
    assert.equal(await ready("?service=nothing"), 404);
    gateway.gateway.drain();
    assert.equal(await ready("?service=v1.up"), 503);
  });
});

describe("the settings of health", () => {
  const healthProblems = (...services: object[]): string => problemsOf({ env: {}, file: configFile({ health: { services } }) }).join("\n");
  const routeProblems = (health: object): string =>
    problemsOf({ env: {}, file: configFile({ routes: [{ path: "/v1/a", upstream: ["http://a:1"], health }] }) }).join("\n");

  test("are refused with their place", () => {
    assert.match(
      healthProblems({ name: "twim" }),
      /`health\.services`\[0\] twim `name` must be one of twin, agent_controller, knowledge_system/,
    );
    assert.match(healthProblems({ name: "twin", expectedStatus: 199 }), /^`health\.services`\[0\] twin `expectedStatus` must be /);
    assert.match(healthProblems({ name: "twin", path: "status" }), /^`health\.services`\[0\] twin `path` must be /);
    assert.match(healthProblems({ name: "twin" }, { name: "twin" }), /`health\.services`\[1\] twin has an entry already: keep one of them/);
    assert.match(routeProblems({ timeoutSeconds: 0 }), /`routes`\[0\] \/v1\/a `health\.timeoutSeconds` must be an integer from 1 to 600$/);
    assert.match(routeProblems({ deadline: 1 }), /`routes`\[0\] \/v1\/a `health\.deadline` is unknown: remove it, or use one of path, /);
    assert.match(problemsOf({ env: { HEALTH_CHECK_INTERVAL: "2h" } }).join(), /HEALTH_CHECK_INTERVAL must be .* from 0 to 3600/);
  });

  test("take every name that a route can have", () => {
    const routes = ["/1st", "/~", "/-/{x}", "/_"].map((path) => ({ path, upstream: ["http://a:1"] }));
    assert.equal(loadConfig({ env: {}, file: configFile({ routes }) }).routes.length, routes.length);
  });
});
