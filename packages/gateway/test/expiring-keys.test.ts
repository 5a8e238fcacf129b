import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { keysFolder } from "./keys-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

test("a running gateway warns of its keys at the start, and its metrics show when they end", async () => {
  using keys = keysFolder();
  const { keyId } = await keys.create("ada");
  const expiresAt = new Date(Math.floor(Date.now() / 1_000 + 10 * 86_400) * 1_000).toISOString();
  assert.equal((await keys.run(["rotate", keyId, "--expires", expiresAt, "--overlap", "0s"], { at: Date.now() })).code, 0);
  await using gateway = await startTestGateway({ API_KEYS_FILE: keys.path });
  const lines = () => gateway.log.filter(({ message }) => message === "key expires soon");
  await eventually(() => lines().length === 1, "it is warned of");
  const [{ key_id: newKeyId, principal, days_left: daysLeft } = {}] = lines() as Record<string, unknown>[];
  assert.deepEqual([principal, daysLeft], ["key:ada", 9]);
  const metrics = await gateway.gateway.registry.metrics();
  const series = `gateway_key_expiry_timestamp_seconds{key_id="${String(newKeyId)}",principal="key:ada"}`;
  assert.ok(metrics.includes(`${series} ${Date.parse(expiresAt) / 1_000}\n`), metrics.match(/^gateway_key.*$/gm)?.join("\n"));
});
