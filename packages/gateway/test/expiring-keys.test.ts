import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { expiryWarnings } from "../src/run/warn-of-expiring-keys.ts";
import { keysFolder } from "./keys-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const dayMs = 86_400_000;

function recorder() {
  const lines: Record<string, unknown>[] = [];
  const ignore = (): void => undefined;
  return { lines, logger: { debug: ignore, info: ignore, error: ignore, warn: (fields: object) => void lines.push({ ...fields }) } };
}

test("a key that ends within 14 days is warned of once a day, until it has a successor or is expired", () => {
  const { lines, logger } = recorder();
  const warn = expiryWarnings(logger);
  const key = { keyId: "k1", id: "ada", expiresAtMs: 20 * dayMs };
  for (let hour = 0; hour < 20 * 24; hour += 1) warn([key], (hour / 24) * dayMs);
  assert.equal(lines.length, 14);
  const { remedy, ...first } = lines[0] ?? {};
  assert.deepEqual(first, { key_id: "k1", principal: "ada", expires_at: "1970-01-21T00:00:00.000Z", days_left: 14 });
  assert.match(String(remedy), /keys rotate/);
});

test("a running gateway warns of its keys at the start, and its metrics show when they end", async () => {
  using keys = keysFolder();
  const { keyId } = await keys.create("ada");
  const expiresAt = new Date(Math.floor(Date.now() / 1_000 + 10 * 86_400) * 1_000).toISOString();
  assert.equal((await keys.run(["rotate", keyId, "--expires", expiresAt, "--overlap", "0s"], { at: Date.now() })).code, 0);
  await using gateway = await startTestGateway({ API_KEYS_FILE: keys.path });
  const lines = () => gateway.log.filter(({ message }) => message === "key expires soon");
  await eventually(() => lines().length === 1, "it is warned of");
  const [{ key_id: newKeyId, principal, days_left: daysLeft } = {}] = lines() as Record<string, unknown>[];
  assert.deepEqual([principal, daysLeft], ["ada", 9]);
  const metrics = await gateway.gateway.registry.metrics();
  const series = `gateway_key_expiry_timestamp_seconds{key_id="${String(newKeyId)}",principal="key:ada"}`;
  assert.ok(metrics.includes(`${series} ${Date.parse(expiresAt) / 1_000}\n`), metrics.match(/^gateway_key.*$/gm)?.join("\n"));
});
