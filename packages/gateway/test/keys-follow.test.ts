import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { followApiKeys, type FollowedApiKeys } from "../src/keys/follow-api-keys.ts";
import { keysFolder, nowMs } from "./keys-support.ts";

interface Following extends FollowedApiKeys, Disposable {
  readonly told: string[];
  says(key: string): string;
}

const auth = { apiKey: "the-key-of-the-configuration", secretKey: "unused", environment: "test" };

function follow(apiKeysFile: string, everyMs?: number): Following {
  const told: string[] = [];
  const listener = {
    replaced: (count: number) => void told.push(`replaced ${count}`),
    failed: (error: Error) => void told.push(error.message),
  };
  const followed = followApiKeys({ ...auth, apiKeysFile }, listener, everyMs);
  const says = (key: string): string => {
    const verdict = followed.ring.check(key, nowMs);
    return typeof verdict === "object" ? verdict.id : verdict;
  };
  return { ...followed, told, says, [Symbol.dispose]: () => followed.close() };
}

test("a revoked key is refused by everybody who follows the file, and a new one is accepted", async () => {
  using keys = keysFolder();
  const { key, keyId } = await keys.create("ada");
  using first = follow(keys.path);
  using second = follow(keys.path);
  assert.deepEqual([first.says(key), second.says(key), first.says("the-key-of-the-configuration")], ["ada", "ada", "default"]);
  await keys.run(["revoke", keyId]);
  await eventually(() => first.says(key) === "revoked" && second.says(key) === "revoked", "the key is refused by both");
  const other = await keys.create("bob");
  await eventually(() => first.says(other.key) === "bob", "the new key is accepted");
  assert.deepEqual(first.told, ["replaced 2", "replaced 3"]);
});

test("a bad or missing file leaves the keys as they were, and is told once", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  const good = keys.read();
  using followed = follow(keys.path, 10);
  writeFileSync(keys.path, "keys: [");
  await eventually(() => followed.told.length === 1, "the bad file is told");
  rmSync(keys.path);
  await eventually(() => followed.told.length === 2, "the missing file is told");
  assert.match(followed.told.join("\n"), /is no valid YAML[\s\S]*cannot be read \(ENOENT\)/);
  assert.equal(followed.says(key), "ada");
  writeFileSync(keys.path, good);
  await eventually(() => followed.told.length === 3, "the good file is told");
  assert.equal(followed.told[2], "replaced 2");
});

test("what changes after close() is not looked at, and without a file there is nothing to follow", async () => {
  using keys = keysFolder();
  const { keyId, key } = await keys.create("ada");
  const followed = follow(keys.path, 5);
  followed.close();
  await keys.run(["revoke", keyId]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(followed.says(key), "ada");
  using alone = follow("");
  assert.equal(alone.says("the-key-of-the-configuration"), "default");
  assert.throws(() => follow(`${keys.folder}/none.yaml`), /cannot be read \(ENOENT\)/);
});
