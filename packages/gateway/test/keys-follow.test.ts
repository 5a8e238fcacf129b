import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import type { FollowedKeysFile } from "@aivillage/api-key-auth/keys-file";
import { eventually } from "@aivillage/testing";

import { loadConfig } from "../src/index.ts";
import { followApiKeys } from "../src/state/follow-api-keys.ts";
import { keysFolder, nowMs } from "./keys-support.ts";

interface Following extends FollowedKeysFile, Disposable {
  readonly told: string[];
  says(key: string): string;
}

const { budgets } = loadConfig({ env: {} });
const auth = { apiKey: "the-key-of-the-configuration", secretKey: "unused", secretKeyPrevious: "", budgets };

function follow(apiKeysFile: string, environment = "test"): Following {
  const told: string[] = [];
  const listener = {
    replaced: (count: number) => void told.push(`replaced ${count}`),
    failed: (error: Error) => void told.push(error.message),
  };
  const followed = followApiKeys({ ...auth, environment, apiKeysFile }, listener, { everyMs: 10 });
  const says = (key: string): string => {
    const verdict = followed.ring.check(key, nowMs);
    return typeof verdict === "object" ? verdict.id : verdict;
  };
  return { ...followed, told, says, [Symbol.dispose]: () => followed.close() };
}

test("the keys of the file and API_KEY are accepted, and without a file API_KEY alone", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  using followed = follow(keys.path);
  assert.deepEqual([followed.says(key), followed.says("the-key-of-the-configuration")], ["ada", "default"]);
  await keys.run(["revoke", "ada"]);
  await eventually(() => followed.says(key) === "revoked", "the key is refused");
  assert.deepEqual(followed.told, ["replaced 2"]);
  using alone = follow("");
  assert.equal(alone.says("the-key-of-the-configuration"), "default");
  assert.throws(() => follow(`${keys.folder}/none.yaml`), /cannot be read \(ENOENT\)/);
});

test("in production a file that others may write or that holds a published key is not followed", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  const good = keys.read();
  using followed = follow(keys.path, "production");
  const published = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  writeFileSync(keys.path, `${good}  - { id: eve, sha256: ${published} }\n`);
  await eventually(() => followed.told.length === 1, "the published key is reported");
  chmodSync(keys.path, 0o666);
  writeFileSync(keys.path, `${good}  - { id: eve, sha256: ${"5f".repeat(32)} }\n`);
  await eventually(() => followed.told.length === 2, "the mode is reported");
  assert.match(followed.told.join("\n"), /digest of a published key[^]*may be written by others in production \(mode 0666\)/);
  assert.deepEqual([followed.says("test"), followed.says(key)], ["unknown", "ada"]);
});

test("a file that was refused is taken once its mode is right", async () => {
  using keys = keysFolder();
  const { key, keyId } = await keys.create("ada");
  using followed = follow(keys.path, "production");
  writeFileSync(keys.path, `${keys.read()}    revoked: true\n`);
  chmodSync(keys.path, 0o664);
  await eventually(() => followed.told.length === 1, "the mode is reported");
  assert.match(followed.told[0] ?? "", /mode 0664/);
  assert.equal(followed.says(key), "ada");
  chmodSync(keys.path, 0o600);
  await eventually(() => followed.says(key) === "revoked", `${keyId} is revoked`);
  assert.deepEqual(followed.told.slice(1), ["replaced 2"]);
});
