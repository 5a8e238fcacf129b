import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, rmSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { readApiKeys } from "../src/config/api-keys-file.ts";
import { gatewaySays, keysFolder, keysProcess, keysProgram } from "./keys-support.ts";

test("commands in several processes at once lose no key and leave no part of a file", async () => {
  using keys = keysFolder();
  const names = Array.from({ length: 3 }, (_, index) => `client-${index}`);
  const ended = await Promise.all(names.map((name) => keysProcess(keys.path, ["create", name])));
  assert.deepEqual(
    ended.map(({ code, stderr }) => [code, stderr.split(" ")[0]]),
    names.map(() => [0, "Key"]),
  );
  for (const [index, { stdout }] of ended.entries()) {
    assert.match(gatewaySays(keys.path, stdout.trimEnd(), Date.now()), new RegExp(`^client-${index} `));
  }
  assert.deepEqual(readdirSync(keys.folder), ["keys.yaml"]);
  const verified = await keysProcess(keys.path, ["verify"], ended[0]?.stdout);
  assert.equal(verified.code, 0);
  assert.match(verified.stdout, /^valid: \w{12} of client-0, tier authenticated, scopes \*\n$/);
});

test("a command that is killed at any moment leaves the old file or the new one, with every key that was printed", async () => {
  using keys = keysFolder();
  const printed: string[] = [];
  for (const afterMs of [15, 90]) {
    const child = keysProgram(keys.path, "for (;;) await keys('create', 'ada');");
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await once(child.stdout, "data");
    await delay(afterMs);
    child.kill("SIGKILL");
    await once(child, "close");
    printed.push(...text.split("\n").filter((line) => line !== ""));
    rmSync(`${keys.path}.lock`, { force: true });
    assert.ok(readApiKeys({ apiKey: "k", apiKeysFile: keys.path }).length > printed.length - 1);
  }
  for (const key of printed) assert.match(gatewaySays(keys.path, key, Date.now()), /^ada \w{12}$/);
  assert.equal((await keysProcess(keys.path, ["create", "bob"])).code, 0);
  assert.deepEqual(readdirSync(keys.folder), ["keys.yaml"]);
});
