import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { keysFolder } from "./keys-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

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
  const result = { at: new Date(0).toISOString(), reason: "SIGHUP", changed: [], needRestart: [], faults: [] };
  gateway.gateway.reloaded({ ...result, outcome: "failed" });
  assert.ok(await shows("configuration", 1));
  gateway.gateway.reloaded({ ...result, outcome: "succeeded" });
  assert.ok(await shows("configuration", 0));
});
