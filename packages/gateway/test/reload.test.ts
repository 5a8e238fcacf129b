import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { startDownstream, eventually } from "@aivillage/testing";

import { loadConfig, startGateway } from "../src/index.ts";
import { secretsOfRequests } from "./secrets-of-requests.ts";
import type { LogLine } from "./start-test-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-reload-"));
after(() => rmSync(folder, { recursive: true }));

const key = "a-key-for-the-reload";
const authorization = { authorization: `Bearer ${key}` };
const question = JSON.stringify({ message: "the question of a client" });

/**
 * A gateway on a file that can be written anew, as an editor does it: whole, by renaming. At its end nothing of what its clients sent
 * may stand in its log or its metrics.
 */
async function start(name: string, document: string) {
  const file = join(folder, `${name}.yaml`);
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  write(document);
  const sources = { file, env: { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", API_KEY: key, HEALTH_CHECK_INTERVAL: "0" } };
  const log: LogLine[] = [];
  const line = (level: string) => (fields: object, message: string) => void log.push({ level, message, ...fields });
  const logger = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const config = loadConfig(sources);
  const started = await startGateway(config, { logger, sources, drainMs: 500 });
  const secrets = secretsOfRequests(started.port, [key, config.auth.secretKey]);
  secrets.addBody(question);
  const told = (message: string): boolean => log.some((each) => each.message === message);
  return {
    ...started,
    write,
    log,
    told,
    async [Symbol.asyncDispose]() {
      await started.close();
      secrets.close();
      secrets.assertUntold(log, await started.gateway.registry.metrics());
    },
  };
}

const telling = { cookie: "session=a-cookie-of-the-reload" };

const limitOf = async (url: string): Promise<string | null> =>
  (await fetch(`${url}?text=a-query-of-the-reload`, { headers: telling })).headers.get("x-ratelimit-limit");

describe("a changed configuration file", () => {
  test("is in use soon, without a restart", async () => {
    await using gateway = await start("changed", "rateLimit: { requests: 50 }");
    assert.equal(await limitOf(gateway.url), "50");
    gateway.write("rateLimit: { requests: 60 }");
    await eventually(() => gateway.told("configuration reloaded"), "it was reloaded");
    assert.equal(await limitOf(gateway.url), "60");
  });

  test("that has not changed is not loaded again", async () => {
    await using gateway = await start("unchanged", "rateLimit: { requests: 50 }");
    await delay(1_200);
    assert.deepEqual(
      gateway.log.map(({ message }) => message),
      ["gateway listens"],
    );
  });

  test("with errors changes nothing and reports them all", async () => {
    await using gateway = await start("faulty", "rateLimit: { requests: 50 }");
    gateway.write("rateLimit: { requests: 0 }\nsever: 1");
    await eventually(() => gateway.told("configuration reload failed; keeping the previous one"), "the problems were told");
    const { problems } = gateway.log.find(({ level }) => level === "error") as unknown as { problems: string[] };
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? "", /`sever` in .* is unknown/);
    assert.match(problems[1] ?? "", /`rateLimit\.requests` must be/);
    assert.equal(await limitOf(gateway.url), "50");
    gateway.write("rateLimit: { requests: 70 }");
    await eventually(() => gateway.told("configuration reloaded"), "a sound one is taken again");
    assert.equal(await limitOf(gateway.url), "70");
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.match(metrics, /^gateway_config_reloads_total\{outcome="failed"\} 1$/m);
    assert.match(metrics, /^gateway_config_reloads_total\{outcome="succeeded"\} 1$/m);
  });

  test("that takes another port says that this needs a restart", async () => {
    await using gateway = await start("fixed", "rateLimit: { requests: 50 }");
    gateway.write("rateLimit: { requests: 51 }\nlog: { level: ERROR }\nserver: { workers: 2 }");
    await eventually(() => gateway.told("settings keep their value until a restart"), "it was told");
    assert.deepEqual(gateway.log.find(({ level }) => level === "warn")?.["settings"], ["server.workers", "log"]);
    const reloaded = gateway.log.find(({ message }) => message === "configuration reloaded");
    assert.deepEqual(reloaded?.["changed"], ["rateLimit.requests"]);
    assert.equal(await limitOf(gateway.url), "51");
  });
});

describe("SIGHUP", () => {
  test("loads the configuration again, and what was counted stays counted", async () => {
    await using gateway = await start("hangup", "rateLimit: { requests: 3 }");
    const ask = async (): Promise<number> => (await fetch(gateway.url, { headers: telling })).status;
    assert.deepEqual([await ask(), await ask(), await ask()], [200, 200, 200]);
    process.kill(process.pid, "SIGHUP");
    await eventually(() => gateway.told("configuration reloaded"), "it was reloaded");
    assert.equal(await ask(), 429);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.match(metrics, /gateway_requests_total\{method="GET",endpoint="\/",status="200"\} 3/);
  });

  test("a request that is under way ends by the old configuration, the next one goes to the new service", async () => {
    await using slow = await startDownstream({ delayMs: 800, body: { from: "the old service" } });
    await using fresh = await startDownstream({ body: { from: "the new service" } });
    await using gateway = await start("services", `services: { twin: ["${slow.url}"] }`);
    const chat = async (): Promise<unknown> => {
      const headers = { ...authorization, "content-type": "application/json" };
      return (await fetch(`${gateway.url}/v1/chat`, { method: "POST", headers, body: question })).json();
    };
    const underWay = chat();
    await eventually(() => slow.received.length === 1, "the request is under way");
    gateway.write(`services: { twin: ["${fresh.url}"] }`);
    process.kill(process.pid, "SIGHUP");
    await eventually(() => gateway.told("configuration reloaded"), "it was reloaded");
    assert.deepEqual(await chat(), { from: "the new service" });
    assert.deepEqual(await underWay, { from: "the old service" });
  });
});

describe("a changed keys file", () => {
  test("takes a key away soon", async () => {
    const digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const keys = join(folder, "partners.yaml");
    writeFileSync(keys, `keys: [{ id: partner, sha256: ${digest} }]`);
    await using gateway = await start("keys", `auth: { apiKeysFile: "${keys}" }`);
    const headers = { authorization: "Bearer test", "content-type": "application/json" };
    const status = async (): Promise<number> => (await fetch(`${gateway.url}/v1/chat`, { method: "POST", headers, body: "{}" })).status;
    assert.equal(await status(), 422);
    writeFileSync(keys, "keys: []\n");
    await eventually(async () => assert.equal(await status(), 401) === undefined, "the key is refused");
  });
});
