import assert from "node:assert/strict";
import { chmodSync, closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { followApiKeys, type FollowedApiKeys } from "../src/state/follow-api-keys.ts";
import { keysFolder, nowMs } from "./keys-support.ts";

interface Following extends FollowedApiKeys, Disposable {
  readonly told: string[];
  says(key: string): string;
}

const auth = { apiKey: "the-key-of-the-configuration", secretKey: "unused", secretKeyPrevious: "" };

function follow(apiKeysFile: string, everyMs?: number, environment = "test"): Following {
  const told: string[] = [];
  const listener = {
    replaced: (count: number) => void told.push(`replaced ${count}`),
    failed: (error: Error) => void told.push(error.message),
  };
  const followed = followApiKeys({ ...auth, environment, apiKeysFile }, listener, { ...(everyMs !== undefined && { everyMs }) });
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
  assert.match(followed.told.join("\n"), /is not valid YAML[\s\S]*cannot be read \(ENOENT\)/);
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

test("a file that is emptied or loses the end of its last entry leaves the keys as they were, one that loses whole entries does not", async () => {
  using keys = keysFolder();
  const [ada, bob] = [await keys.create("ada"), await keys.create("bob")];
  await keys.run(["revoke", bob.keyId]);
  const good = keys.read();
  using followed = follow(keys.path, 10);
  assert.deepEqual([followed.says(ada.key), followed.says(bob.key)], ["ada", "revoked"]);
  for (const [index, text] of ["", "keys:\n", good.slice(0, good.indexOf("revoked: true"))].entries()) {
    writeFileSync(keys.path, text);
    await eventually(() => followed.told.length === index + 1, "it is told");
    assert.deepEqual([followed.says(ada.key), followed.says(bob.key)], ["ada", "revoked"]);
  }
  assert.match(followed.told.join("\n"), /must have a list[^]*must have a list[^]*looks cut off within its last entry/);
  writeFileSync(keys.path, good.slice(0, good.indexOf("  - id: bob")));
  await eventually(() => followed.says(bob.key) === "unknown", "the entry is gone");
  assert.equal(followed.says(ada.key), "ada");
});

test("a file that is written in pieces is taken when it is complete", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  using followed = follow(keys.path, 100);
  const more = `${keys.read()}  - id: bob\n    sha256: ${"5f".repeat(32)}\n    revoked: true\n`;
  const file = openSync(keys.path, "w");
  for (let at = 0; at < more.length; at += 60) {
    writeSync(file, more.slice(at, at + 60));
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(followed.says(key), "ada");
  }
  closeSync(file);
  await eventually(() => followed.told.includes("replaced 3"), "it is taken");
});

test("in production a file that others may write or that holds a published key is not followed", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  const good = keys.read();
  using followed = follow(keys.path, 10, "production");
  const published = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  writeFileSync(keys.path, `${good}  - { id: eve, sha256: ${published} }\n`);
  await eventually(() => followed.told.length === 1, "the published key is told");
  chmodSync(keys.path, 0o666);
  writeFileSync(keys.path, `${good}  - { id: eve, sha256: ${"5f".repeat(32)} }\n`);
  await eventually(() => followed.told.length === 2, "the mode is told");
  assert.match(followed.told.join("\n"), /digest of a published key[^]*may be written by others in production \(mode 0666\)/);
  assert.deepEqual([followed.says("test"), followed.says(key)], ["unknown", "ada"]);
});

test("a file that was refused is taken once its mode is right", async () => {
  using keys = keysFolder();
  const { key, keyId } = await keys.create("ada");
  using followed = follow(keys.path, 10, "production");
  writeFileSync(keys.path, `${keys.read()}    revoked: true\n`);
  chmodSync(keys.path, 0o664);
  await eventually(() => followed.told.length === 1, "the mode is told");
  assert.match(followed.told[0] ?? "", /mode 0664/);
  assert.equal(followed.says(key), "ada");
  chmodSync(keys.path, 0o600);
  await eventually(() => followed.says(key) === "revoked", `${keyId} is revoked`);
  assert.deepEqual(followed.told.slice(1), ["replaced 2"]);
});

test("a last entry that loses a restriction counts as cut off, whatever stands before it, unless a comment follows", async () => {
  using keys = keysFolder();
  const [{ key }, digest] = [await keys.create("eve"), "5f".repeat(32)];
  const entry = keys.read().slice(keys.read().indexOf("  - "));
  const text = (first: string, last: string): string => `# ${first}\nkeys:\n  - id: bob\n    sha256: ${digest}\n${entry}${last}`;
  const restrictions = [
    "revoked: true",
    "expiresAt: 2020-01-01T00:00:00Z",
    "notBefore: 2999-01-01T00:00:00Z",
    "addresses: [10.0.0.0/8]",
    "scopes: [chat]",
  ];
  for (const restriction of restrictions) {
    writeFileSync(keys.path, text("first", `    ${restriction}\n`));
    using followed = follow(keys.path, 10);
    const before = followed.says(key);
    for (const [index, last] of ["", `    ${restriction}`, "    name: Eve"].entries()) {
      writeFileSync(keys.path, text("written again, and longer", last));
      await eventually(() => followed.told.length === index + 1, `${restriction} is missed`);
      assert.match(followed.told[index] ?? "", /looks cut off within its last entry/);
      assert.equal(followed.says(key), before);
    }
    writeFileSync(keys.path, text("meant", "# end\n"));
    await eventually(() => followed.told.at(-1) === "replaced 3", "a comment says that it is meant");
    assert.equal(followed.says(key), "eve");
  }
});
