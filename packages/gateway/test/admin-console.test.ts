import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { eventually, freePort } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";

import { startGatewayProcess } from "../bench/support/gateway-process.ts";
import { adminFiles, askAdmin } from "./admin-support.ts";
import { configFile } from "./config-support.ts";
import { openConsole } from "./open-console.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const path = "/v1/chat/completions";
const hello = { model: "gpt-5", max_tokens: 20, messages: [{ role: "user", content: "Six tokens are in this" }] };

describe("the console of the admin listener", () => {
  test("shows an AI call by route, upstream, limit, principal, budget, slots and model", async () => {
    using files = await adminFiles();
    await using provider = await startFakeProvider();
    const route = { path, upstream: [provider.url], ai: "openai-chat", concurrency: { max: 3 } };
    const budgets = { limits: [{ name: "daily", unit: "tokens", limit: 10_000, period: "day" }] };
    await using gateway = await startTestGateway({ ...files.env, CONFIG_FILE: configFile({ routes: [route], budgets }) });
    await using stream = await openConsole(files.address);
    assert.equal((await gateway.post(path, hello)).status, 200);
    const frame = await stream.until(({ routes, models }) => routes.length > 0 && models !== undefined, "a frame with the call");
    const [shown] = frame.routes;
    assert.deepEqual([shown.method, shown.route, shown.requests], ["POST", path, 1]);
    const { name, breaker, attempts, inFlight, replicas } = frame.upstreams.find((each: { attempts: number }) => each.attempts > 0);
    assert.deepEqual([breaker, attempts, inFlight, replicas[0].origin], ["closed", 1, 0, provider.url], name);
    assert.ok(frame.limits.some(({ allowed }: { allowed: number }) => allowed > 0));
    assert.deepEqual([frame.principals[0].name, frame.principals[0].requests], ["key:default", 1]);
    const [budget] = frame.budgets;
    assert.deepEqual([budget.budget, budget.unit, budget.limit, budget.principal], ["daily", "tokens", 10_000, "key:default"]);
    const slots = frame.queues.find(({ size }: { size?: number }) => size === 3);
    assert.deepEqual([slots.waiting, slots.admitted], [0, 1]);
    assert.deepEqual([frame.models[0].model, frame.models[0].calls], ["gpt-5", 1]);
    assert.ok(frame.models[0].output > 0);
    assert.deepEqual(frame.problems, []);
  });

  test("serves the page to everyone and data to those who may read", async () => {
    using files = await adminFiles();
    const port = await freePort();
    const { API_KEYS_FILE } = files.env;
    await using _ = await startTestGateway({ ADMIN_PORT: String(port), API_KEYS_FILE });
    const address = { host: "127.0.0.1", port };
    const foreign = { host: "console.example" };
    assert.equal((await askAdmin(address, "/console", foreign)).headers.location, "./console/");
    const page = await askAdmin(address, "/console/", foreign);
    assert.match(page.headers["content-security-policy"] as string, /^default-src 'none'; script-src 'nonce-/);
    assert.match(page.text, /<title>AIVillage Gateway<\/title>/);
    assert.equal((await askAdmin(address, "/console/console.js", foreign)).status, 200);
    assert.equal((await askAdmin(address, "/console/stream", foreign)).status, 401);
    assert.equal((await askAdmin(address, "/console/stream", { ...foreign, key: files.clientKey })).status, 403);
    await using stream = await openConsole(address, { ...foreign, authorization: `Bearer ${files.adminKey}` });
    await stream.until(() => true, "a frame");
  });

  test("leaves requests to the admin listener out, and shortens addresses on request", async () => {
    using files = await adminFiles();
    await using gateway = await startTestGateway({ ...files.env, ADMIN_ANONYMISE: "true" });
    await using stream = await openConsole(files.address);
    assert.equal((await askAdmin(files.address, "/log-level", { method: "PUT", body: {} })).status, 401);
    assert.equal((await fetch(`${gateway.url}/v1/query`, { method: "POST" })).status, 401);
    const { refusals } = await stream.until(({ refusals: all }) => all.length > 0, "a refusal");
    assert.deepEqual(
      refusals.map(({ by, reason, client, path: shown }: Record<string, string>) => [by, reason, client, shown]),
      [["credentials", "no credentials", "127.0.0.0/24", "/v1/query"]],
    );
  });
});

for (const workers of [1, 2]) {
  test(`with ${workers} ${workers === 1 ? "process" : "workers"} the console sums them up, lists reloads, and clears a penalty in all`, async () => {
    using files = await adminFiles();
    const config = configFile({ cors: { origins: ["https://one.example"] } });
    await using gateway = await startGatewayProcess({ config, env: { ...files.env, WORKERS: String(workers) } });
    await using stream = await openConsole(files.address);
    const send = async (headers: Record<string, string> = {}): Promise<void> => {
      const response = await fetch(gateway.url, { headers: { connection: "close", ...headers } });
      await response.arrayBuffer();
    };
    for (let sent = 0; sent < 20; sent += 1) await send();
    const frame = await stream.until(({ routes }) => routes[0]?.requests === 20, "all requests are counted");
    assert.equal(frame.processes.length, workers);
    for (let guess = 0; guess < 11; guess += 1) await send({ authorization: `Bearer guess-${guess}` });
    const penalised = await stream.until(({ penalties }) => penalties.length > 0, "a penalty");
    const [penalty] = penalised.penalties;
    assert.equal(penalty.client, "127.0.0.1");
    const clear = `/console/penalties/${penalty.id}/clear`;
    assert.equal((await askAdmin(files.address, clear, { method: "POST", key: files.clientKey })).status, 403);
    assert.equal((await askAdmin(files.address, clear, { method: "POST", key: files.adminKey })).status, 403, "without the token");
    const token = { "x-console-token": stream.token };
    assert.equal((await askAdmin(files.address, clear, { method: "POST", key: files.adminKey, headers: token })).status, 204);
    await stream.until(({ penalties }) => penalties.length === 0, "the penalty is gone");
    await gateway.told("admin action", 3);
    assert.deepEqual(
      gateway.lines("admin action").map(({ result, principal, client }) => [result, principal, client]),
      [
        ["refused", "key:ada", undefined],
        ["refused", "key:ops", penalty.id],
        ["done", "key:ops", penalty.id],
      ],
    );

    writeFileSync(config, JSON.stringify({ cors: { origins: ["https://two.example"] } }));
    const { noted } = await stream.until((next) => next.noted.length > 0, "the reload is listed");
    assert.match(noted[0].text, /^changed cors\.origins/);
    gateway.child.kill("SIGTERM");
    await eventually(() => stream.isClosed(), "the stream ends with the gateway");
    assert.equal(await gateway.ended, 0);
  });
}
