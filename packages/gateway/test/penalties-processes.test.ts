import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { needsRedis, startRedis } from "@aivillage/testing";

import { apiKey, type GatewayProcess, startGatewayProcess } from "../bench/support/gateway-process.ts";
import { cli } from "./cli-support.ts";

/** Asks as a client behind a proxy, without a key unless one is given, and gives the status and the limit under which it was decided. */
async function ask({ url }: GatewayProcess, client: string, key?: string): Promise<{ status: number; limit: number }> {
  const response = await fetch(`${url}/`, {
    headers: { "x-forwarded-for": client, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
  });
  await response.arrayBuffer();
  return { status: response.status, limit: Number(response.headers.get("x-ratelimit-limit")) };
}

/** The answers to several requests at once, which go to all workers. */
const askAll = (gateway: GatewayProcess, client: string, times = 6) =>
  Promise.all(Array.from({ length: times }, () => ask(gateway, client)));

/** Guesses keys until the client is penalised, and asks until it is refused for it. */
async function getPenalised(client: string, gateways: readonly [GatewayProcess, GatewayProcess]): Promise<void> {
  for (let guess = 0; guess < 11; guess += 1) await ask(gateways[0], client, `guess-${guess}`);
  for (const gateway of gateways) {
    while (!(await askAll(gateway, client)).every(({ limit }) => limit === 100)) await delay(250);
  }
  await askAll(gateways[0], client, 100);
  for (const gateway of gateways) {
    for (let response = await ask(gateway, client); response.status !== 429; response = await ask(gateway, client))
      assert.equal(response.limit, 100);
  }
}

/** Runs a command to its end, and returns what it printed. */
async function penalties(env: Record<string, string>, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(["penalties", ...args], { env });
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

const claim = "what the command clears is cleared in all running gateways when it ends: refused before, the next request passes";

test(claim, needsRedis, async () => {
  await using redis = await startRedis();
  const limits = { RATE_LIMIT_REQUESTS: "400", RATE_LIMIT_WINDOW: "600", PENALTY_SECONDS: "600" };
  const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}`, TRUSTED_PROXIES: "loopback", ...limits };
  await using first = await startGatewayProcess({ env });
  await using second = await startGatewayProcess({ env: { ...env, WORKERS: "2" } });
  await Promise.all(["192.0.2.1", "2001:db8:1:2ff::1", "192.0.2.2"].map((client) => getPenalised(client, [first, second])));

  assert.deepEqual(await ask(first, "192.0.2.1", apiKey), { status: 200, limit: 400 }, "the key of somebody at that address");
  assert.match(
    await penalties(env, "list"),
    /\n192\.0\.2\.1 .*\n192\.0\.2\.2 .*\n2001:db8:1:200::\/56 +\(anonymous\) +\w{16} +authentication +\d+\n$/,
  );
  const printed = await penalties(env, "clear", "192.0.2.1", "2001:db8:1:200::7");
  assert.equal(printed, "Cleared the penalty of 192.0.2.1.\nCleared the penalty of 2001:db8:1:200::/56.\n");

  for (const client of ["192.0.2.1", "2001:db8:1:2ff::1"]) {
    const responses = [...(await askAll(first, client)), ...(await askAll(second, client))];
    for (const response of responses) assert.deepEqual(response, { status: 200, limit: 400 });
  }
  for (const gateway of [first, second]) assert.equal((await ask(gateway, "192.0.2.2")).limit, 100);
});
