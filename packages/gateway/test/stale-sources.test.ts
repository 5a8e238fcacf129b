import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { deadUrl, eventually, startDownstream, temporaryFile } from "@aivillage/testing";

import { loadConfig } from "../src/index.ts";
import { configFile } from "./config-support.ts";
import { keysFolder } from "./keys-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

test("a keys file that is refused shows in the metrics until it is taken again, and so does a configuration", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  await using gateway = await startTestGateway({ API_KEYS_FILE: keys.path });
  const shows = async (source: string, value: number): Promise<boolean> => {
    const metrics = await gateway.gateway.registry.metrics();
    return metrics.includes(`gateway_source_stale{source="${source}"} ${value}\n`);
  };
  assert.ok(await shows("keys", 0));
  const good = keys.read();
  writeFileSync(keys.path, `${good}  - id: without a digest\n`);
  await eventually(() => shows("keys", 1), "the keys are stale", { state: () => gateway.log });
  writeFileSync(keys.path, good);
  await eventually(() => shows("keys", 0), "they are in force again");

  assert.ok(await shows("configuration", 0));
  const result = { at: new Date(0).toISOString(), reason: "SIGHUP", changed: [], needRestart: [], problems: [] };
  gateway.gateway.reloaded({ ...result, outcome: "failed" });
  assert.ok(await shows("configuration", 1));
  gateway.gateway.reloaded({ ...result, outcome: "succeeded" });
  assert.ok(await shows("configuration", 0));
});

describe("a source that the configuration no longer names is not stale", () => {
  const shows = async ({ gateway }: TestGateway, source: string, value: number): Promise<boolean> =>
    (await gateway.registry.metrics()).includes(`gateway_source_stale{source="${source}"} ${value}\n`);
  const reload = ({ gateway, twin }: TestGateway, env: Record<string, string>): void =>
    void gateway.reload(loadConfig({ env: { API_KEY: "test-key-0123456789", HEALTH_CHECK_INTERVAL: "0", TWIN_URL: twin.url, ...env } }));

  test("of secret files", async () => {
    using file = temporaryFile("key");
    writeFileSync(file.path, "a-key-of-the-service");
    await using downstream = await startDownstream();
    const routes = [{ path: "/inner", upstream: [downstream.url], requestHeaders: { "X-Service-Key": { file: file.path } } }];
    await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
    writeFileSync(file.path, "");
    await eventually(() => shows(gateway, "secrets", 1), "the secrets are stale");
    reload(gateway, {});
    assert.ok(await shows(gateway, "secrets", 0));
  });

  test("of the JWK Set", async () => {
    await using gateway = await startTestGateway({ JWT_JWKS_URL: `${await deadUrl()}/keys` });
    assert.ok(await shows(gateway, "token_keys", 1));
    reload(gateway, {});
    assert.ok(await shows(gateway, "token_keys", 0));
  });

  test("of the keys file, also while a stream goes on by the configuration before", async () => {
    using before = keysFolder();
    using after = keysFolder();
    for (const keys of [before, after]) await keys.create("ada");
    await using gateway = await startTestGateway({ API_KEYS_FILE: before.path });
    gateway.twin.script = { sse: { events: Array.from({ length: 10_000 }, () => "x"), everyMs: 20 } };
    const stream = await gateway.post("/v1/chat", { message: "hello" });
    reload(gateway, { API_KEYS_FILE: after.path });
    rmSync(before.path);
    const good = after.read();
    writeFileSync(after.path, `${good}  - id: without a digest\n`);
    await eventually(() => shows(gateway, "keys", 1), "the keys are stale", { state: () => gateway.log });
    writeFileSync(after.path, good);
    await eventually(() => shows(gateway, "keys", 0), "they are in force again", { state: () => gateway.log });
    const refused = gateway.log.filter(({ message }) => message.startsWith("invalid keys file"));
    assert.deepEqual(
      refused.filter(({ reason }) => String(reason).includes(before.path)),
      [],
    );
    await stream.body?.cancel();
  });
});
