import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { describe, test } from "node:test";

import { eventually, freePort, startDownstream } from "@aivillage/testing";

import { type AdminAddress, adminFiles, askAdmin } from "./admin-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const reading = ["/", "/status", "/healthz", "/metrics", "/config", "/keys", "/log-level", "/penalties", "/budgets"] as const;
const changing = [
  { method: "PUT", path: "/log-level", body: { level: "DEBUG" } },
  { method: "DELETE", path: "/penalties/192.0.2.1" },
  { method: "POST", path: "/budgets", body: { action: "reset", key: "key:ada" } },
  { method: "POST", path: "/drain/127.0.0.1:1" },
  { method: "DELETE", path: "/drain/127.0.0.1:1" },
] as const;
const actions = (log: readonly Record<string, unknown>[]) => log.filter(({ message }) => message === "admin action");

const production = {
  ENVIRONMENT: "production",
  API_KEY: "Zq7vX2mK9tRw4bNc8LpYd3HfGs6JaUe1",
  SECRET_KEY: "t5Wk0PzQx8CrV3nMb6YhJ1LdFg9SaEu2",
  CORS_ORIGINS: "https://app.example",
};

describe("the admin listener on a Unix socket", () => {
  test("may be used by the user of the process alone, and is gone with the gateway", async () => {
    using files = await adminFiles();
    {
      await using _ = await startTestGateway(files.env);
      assert.equal(statSync(files.address.socketPath).mode & 0o777, 0o600);
    }
    assert.equal(statSync(files.address.socketPath, { throwIfNoEntry: false }), undefined);
  });

  test("responds to every endpoint without a key, with the security headers and a request id", async () => {
    using files = await adminFiles();
    await using _ = await startTestGateway(files.env);
    for (const path of reading) {
      const { status, headers, text } = await askAdmin(files.address, path);
      // Probes that a busy machine answers late make it unhealthy.
      assert.ok(status === 200 || (path === "/healthz" && status === 503), `${path} ${status} ${text}`);
      assert.equal(headers["x-content-type-options"], "nosniff", path);
      assert.match(headers["x-request-id"] as string, /./, path);
    }
    assert.equal((await askAdmin(files.address, "/nothing")).status, 404);
    assert.equal((await askAdmin(files.address, "/status", { method: "POST" })).status, 405);
  });

  test("refuses every change without a key that names the scope, and says so in an audit line", async () => {
    using files = await adminFiles();
    await using gateway = await startTestGateway(files.env);
    for (const { path, ...request } of changing) {
      assert.equal((await askAdmin(files.address, path, request)).status, 401);
      const refused = await askAdmin(files.address, path, { ...request, key: files.clientKey });
      assert.deepEqual([refused.status, refused.json.required_scopes], [403, ["admin"]]);
    }
    await eventually(() => actions(gateway.log).length === 2 * changing.length, "each has a line");
    assert.deepEqual(
      actions(gateway.log).map(({ action, result, status, principal }) => [action, result, status, principal]),
      changing.flatMap(({ method, path }) => {
        const action = `${method} ${path.replace(/^(\/penalties|\/drain).*/, (_, start: string) => `${start}/{${start === "/drain" ? "replica" : "client"}}`)}`;
        return [
          [action, "refused", 401, undefined],
          [action, "refused", 403, "key:ada"],
        ];
      }),
    );
  });

  test("does not take a socket that another process serves", async () => {
    using files = await adminFiles();
    await using _ = await startTestGateway(files.env);
    await assert.rejects(startTestGateway(files.env), { code: "EADDRINUSE" });
    assert.equal((await askAdmin(files.address, "/status")).status, 200, "the first still serves");
  });
});

describe("what the admin listener shows", () => {
  test("/status: the process, services and replicas, limits, penalties, and the last reload", async () => {
    using files = await adminFiles();
    await using gateway = await startTestGateway(files.env);
    const { json } = await askAdmin(files.address, "/status");
    assert.equal(json.environment, "development");
    assert.equal(json.processes.length, 1);
    assert.equal(json.processes[0].pid, process.pid);
    assert.ok(json.processes[0].memory.rss_bytes > 1_000_000);
    assert.deepEqual(json.limits, { requests: 1_000, windowSeconds: 60, limitBy: "principal", tiers: [], store: "memory" });
    assert.deepEqual([json.last_reload, json.penalties, json.silent_processes], [null, 0, 0]);
    assert.deepEqual(
      json.services.twin.replicas.map(({ url }: { url: string }) => url),
      [gateway.twin.url],
    );
  });

  test("/docs: the API of the gateway, in production too, without a button that sends requests", async () => {
    using files = await adminFiles();
    await using gateway = await startTestGateway({ ...files.env, ...production });
    assert.equal((await fetch(`${gateway.url}/docs`)).status, 404);
    const page = await askAdmin(files.address, "/docs");
    assert.equal(page.status, 200);
    assert.match(String(page.headers["content-security-policy"]), /script-src 'self'/);
    for (const [, link] of page.text.matchAll(/(?:href|src)="([^"]+)"/g)) {
      assert.equal((await askAdmin(files.address, `/${link}`)).status, 200, link);
    }
    assert.match((await askAdmin(files.address, "/docs/start.js")).text, /supportedSubmitMethods: \[\]/);
    const { json } = await askAdmin(files.address, "/openapi.json");
    assert.ok(json.paths["/v1/query"].post);
  });

  test("/healthz: each replica with its last probe, breaker, ejection and requests", async () => {
    using files = await adminFiles();
    await using gateway = await startTestGateway({ ...files.env, HEALTH_CHECK_INTERVAL: "1" });
    const twin = async () => (await askAdmin(files.address, "/healthz")).json.services.twin.replicas[0];
    await eventually(async () => (await twin()).status === "healthy", "the twin was probed");
    assert.equal((await twin()).status_code, 200);
    gateway.downstream.script = { hang: true };
    const client = new AbortController();
    const hanging = fetch(`${gateway.url}/v1/query`, {
      method: "POST",
      headers: { ...gateway.authorization, "content-type": "application/json" },
      body: '{"query":"hello"}',
      signal: client.signal,
    });
    await eventually(() => gateway.downstream.received.some(({ url }) => url === "/v1/query"), "the query arrives");
    const { services } = (await askAdmin(files.address, "/healthz")).json;
    const { breaker, replicas } = services.agent_controller;
    assert.equal(breaker, "closed");
    const { url, ejected, draining, requests } = replicas[0];
    assert.deepEqual([url, ejected, draining, requests], [gateway.agentController.url, false, false, 1]);
    client.abort();
    await assert.rejects(hanging, { name: "AbortError" });
  });

  test("/config: each value with its source and no secret", async () => {
    using files = await adminFiles();
    await using gateway = await startTestGateway({ ...files.env, RATE_LIMIT_WINDOW: "30" });
    const { json, text } = await askAdmin(files.address, "/config");
    assert.deepEqual(json.settings["rateLimit.windowSeconds"], { value: 30, source: "environment" });
    assert.deepEqual(json.settings["timeouts.requestSeconds"], { value: 30, source: "default" });
    assert.deepEqual(json.settings["auth.apiKey"], { value: "[redacted]", source: "environment" });
    assert.ok(!text.includes(gateway.gateway.config.auth.apiKey));
  });

  test("/keys: state and end of each key, and neither secret nor digest", async () => {
    using files = await adminFiles();
    await using _ = await startTestGateway(files.env);
    const { json, text } = await askAdmin(files.address, "/keys");
    assert.deepEqual(
      json.keys.map(({ id, state, source }: Record<string, string>) => [id, state, source]),
      [
        ["default", "live", "API_KEY"],
        ["ops", "live", "API_KEYS_FILE"],
        ["ada", "live", "API_KEYS_FILE"],
      ],
    );
    assert.doesNotMatch(text, /sha256|[0-9a-f]{64}/);
    assert.ok(!text.includes(files.adminKey) && !text.includes(files.clientKey));
  });
});

describe("what the admin listener changes", () => {
  test("penalties are listed, and end when they are cleared", async () => {
    using files = await adminFiles();
    await using gateway = await startTestGateway(files.env);
    for (let guess = 0; guess < 11; guess += 1)
      await (await fetch(gateway.url, { headers: { authorization: `Bearer guess-${guess}` } })).text();
    await eventually(async () => (await askAdmin(files.address, "/penalties")).json.penalties.length === 1, "the client is penalised");
    const [penalty] = (await askAdmin(files.address, "/penalties")).json.penalties;
    assert.deepEqual([penalty.address, penalty.reason], ["127.0.0.1", "authentication"]);

    const asOps = { method: "DELETE", key: files.adminKey };
    assert.equal((await askAdmin(files.address, "/penalties/no%20client", asOps)).status, 404);
    assert.deepEqual((await askAdmin(files.address, "/penalties/127.0.0.1", asOps)).json, { cleared: ["127.0.0.1"] });
    assert.deepEqual((await askAdmin(files.address, "/penalties/127.0.0.1", asOps)).json, { cleared: [] });
    assert.deepEqual((await askAdmin(files.address, "/penalties")).json, { penalties: [] });
    await eventually(() => actions(gateway.log).length === 3, "each has a line");
    const { action, result, client, principal, key_id: keyId } = actions(gateway.log)[1] ?? {};
    assert.deepEqual([action, result, client], ["DELETE /penalties/{client}", "done", "127.0.0.1"]);
    assert.deepEqual([principal, keyId], ["key:ops", files.adminKeyId]);
  });

  test("a draining replica gets no requests under load, no client sees an error, and it comes back", async () => {
    using files = await adminFiles();
    await using second = await startDownstream();
    await using first = await startDownstream();
    const env = { ...files.env, AGENT_CONTROLLER_URL: `${first.url},${second.url}` };
    await using gateway = await startTestGateway(env);
    const statuses = new Set<number>();
    const end = new AbortController();
    const load = async (): Promise<void> => {
      while (!end.signal.aborted) {
        const response = await gateway.post("/v1/query", { query: "hello" });
        await response.text();
        statuses.add(response.status);
      }
    };
    const clients = Promise.all([load(), load(), load()]);
    const queries = (): number => first.received.filter(({ url }) => url === "/v1/query").length;
    await eventually(() => queries() > 0, "the first replica is in use");

    const path = `/drain/${encodeURIComponent(first.url)}`;
    const drained = await askAdmin(files.address, path, { method: "POST", key: files.adminKey });
    assert.deepEqual([drained.status, drained.json.replica, drained.json.draining], [200, first.url, true]);
    const isIdle = async (): Promise<boolean> => {
      const { services } = (await askAdmin(files.address, "/healthz")).json;
      return services.agent_controller.replicas[0].draining === true && services.agent_controller.replicas[0].requests === 0;
    };
    await eventually(isIdle, "its last request has ended");
    const before = queries();
    const served = second.received.length;
    await eventually(() => second.received.length > served + 30, "the other replica has the load");
    assert.equal(queries(), before);

    await gateway.gateway.reloadInTurns({ ...gateway.gateway.config, via: "other" });
    const reloaded = second.received.length;
    await eventually(() => second.received.length > reloaded + 30, "the other replica has the load after a reload");
    assert.equal(queries(), before, "a reload does not bring it back");

    const last = await askAdmin(files.address, `/drain/${second.url.slice("http://".length)}`, { method: "POST", key: files.adminKey });
    assert.deepEqual([last.status, last.json.title], [409, "Last replica"]);
    assert.equal((await askAdmin(files.address, "/drain/192.0.2.1:80", { method: "POST", key: files.adminKey })).status, 404);
    assert.equal((await askAdmin(files.address, path, { method: "DELETE", key: files.adminKey })).json.draining, false);
    await eventually(() => queries() > before, "it is in use again");
    end.abort();
    await clients;
    assert.deepEqual([...statuses], [200]);
  });

  test("the level of a logger without one cannot be set", async () => {
    using files = await adminFiles();
    await using _ = await startTestGateway(files.env);
    const asOps = { method: "PUT", key: files.adminKey };
    assert.equal((await askAdmin(files.address, "/log-level", { ...asOps, body: { level: "DEBUG" } })).status, 501);
    assert.equal((await askAdmin(files.address, "/log-level", { ...asOps, body: { level: "ALL" } })).status, 422);
  });
});

describe("the admin listener on a port", () => {
  const startOn = async (env: Record<string, string>) => {
    const port = await freePort();
    const gateway = await startTestGateway({ ...env, ADMIN_SOCKET: "", ADMIN_PORT: String(port) });
    return { gateway, address: { host: "127.0.0.1", port } satisfies AdminAddress };
  };

  test("on loopback reading needs no key, but for a page whose name resolves to loopback", async () => {
    using files = await adminFiles();
    const { gateway, address } = await startOn(files.env);
    await using _ = gateway;
    assert.equal((await askAdmin(address, "/status")).status, 200);
    assert.equal((await askAdmin(address, "/status", { host: `localhost:${address.port}` })).status, 200);
    assert.equal((await askAdmin(address, "/status", { host: "rebinding.example" })).status, 401);
  });

  test("elsewhere reading needs a key that names the scope", async () => {
    using files = await adminFiles();
    const { gateway, address } = await startOn({ ...files.env, ADMIN_HOST: "0.0.0.0" });
    await using _ = gateway;
    for (const path of reading) {
      assert.equal((await askAdmin(address, path)).status, 401, path);
      assert.equal((await askAdmin(address, path, { key: files.clientKey })).status, 403, path);
      const { status } = await askAdmin(address, path, { key: files.adminKey });
      assert.ok(status === 200 || (path === "/healthz" && status === 503), `${path} ${status}`);
    }
  });

  test("a port that is taken keeps the gateway from starting", async () => {
    using files = await adminFiles();
    const { gateway, address } = await startOn(files.env);
    await using _ = gateway;
    await assert.rejects(startTestGateway({ ADMIN_PORT: String(address.port) }), { code: "EADDRINUSE" });
  });
});
