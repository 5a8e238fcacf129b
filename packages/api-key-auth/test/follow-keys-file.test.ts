import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { type FollowedKeysFile, followKeysFile, type FollowKeysFileOptions, revokeKeys } from "../src/keys-file/index.ts";
import { keysFolder, nowMs } from "./keys-folder.ts";

interface Following extends FollowedKeysFile, Disposable {
  readonly told: string[];
  says(key: string): string;
}

const otherKeys = [{ id: "default", secret: "the-key-of-the-configuration" }];

function follow(path: string, everyMs?: number, options: FollowKeysFileOptions = {}): Following {
  const told: string[] = [];
  const followed = followKeysFile(path, {
    otherKeys,
    onReplaced: (count) => void told.push(`replaced ${count}`),
    onRefused: (error) => void told.push(error.message),
    ...(everyMs !== undefined && { everyMs }),
    ...options,
  });
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
  await revokeKeys(keys.path, keyId);
  await eventually(() => first.says(key) === "revoked" && second.says(key) === "revoked", "the key is refused by both");
  const other = await keys.create("bob");
  await eventually(() => first.says(other.key) === "bob", "the new key is accepted");
  assert.deepEqual(first.told, ["replaced 2", "replaced 3"]);
});

test("a file that is not valid, or is missing, leaves the keys as they were, and is reported once", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  const good = keys.read();
  using followed = follow(keys.path, 10);
  writeFileSync(keys.path, "keys: [");
  await eventually(() => followed.told.length === 1, "the bad file is reported");
  rmSync(keys.path);
  await eventually(() => followed.told.length === 2, "the missing file is reported");
  assert.match(followed.told.join("\n"), /is not valid YAML[\s\S]*cannot be read \(ENOENT\)/);
  assert.equal(followed.says(key), "ada");
  writeFileSync(keys.path, good);
  await eventually(() => followed.told.length === 3, "the good file is reported");
  assert.equal(followed.told[2], "replaced 2");
});

test("changes after close() are ignored, and a file that is missing at the start is an error", async () => {
  using keys = keysFolder();
  const { keyId, key } = await keys.create("ada");
  const followed = follow(keys.path, 5);
  followed.close();
  await revokeKeys(keys.path, keyId);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(followed.says(key), "ada");
  assert.throws(() => follow(`${keys.folder}/none.yaml`), /cannot be read \(ENOENT\)/);
});

test("a file that is emptied or loses the end of its last entry leaves the keys as they were, one that loses whole entries does not", async () => {
  using keys = keysFolder();
  const [ada, bob] = [await keys.create("ada"), await keys.create("bob")];
  await revokeKeys(keys.path, bob.keyId);
  const good = keys.read();
  using followed = follow(keys.path, 10);
  assert.deepEqual([followed.says(ada.key), followed.says(bob.key)], ["ada", "revoked"]);
  for (const [index, text] of ["", "keys:\n", good.slice(0, good.indexOf("revoked: true"))].entries()) {
    writeFileSync(keys.path, text);
    await eventually(() => followed.told.length === index + 1, "it is reported");
    assert.deepEqual([followed.says(ada.key), followed.says(bob.key)], ["ada", "revoked"]);
  }
  assert.match(followed.told.join("\n"), /must have a list[^]*must have a list[^]*looks cut off within its last entry/);
  writeFileSync(keys.path, good.slice(0, good.indexOf("  - id: bob")));
  await eventually(() => followed.says(bob.key) === "unknown", "the entry is gone");
  assert.equal(followed.says(ada.key), "ada");
});

test("a file that is written in chunks is used when it is complete", async () => {
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

test("a file that the check refuses is not used until something about it has changed", async () => {
  using keys = keysFolder();
  const { key, keyId } = await keys.create("ada");
  const check = (): string[] => ((keys.mode() & 0o022) === 0 ? [] : ["others may write it"]);
  using followed = follow(keys.path, 10, { check });
  writeFileSync(keys.path, `${keys.read()}    revoked: true\n`);
  chmodSync(keys.path, 0o664);
  await eventually(() => followed.told.length === 1, "the mode is reported");
  assert.deepEqual(followed.told, ["others may write it"]);
  assert.equal(followed.says(key), "ada");
  chmodSync(keys.path, 0o600);
  await eventually(() => followed.says(key) === "revoked", `${keyId} is revoked`);
  assert.deepEqual(followed.told.slice(1), ["replaced 2"]);
  assert.throws(() => follow(keys.path, 10, { check: (entries) => entries.map(({ id }) => `not ${id}`) }), {
    name: "KeysFileError",
    code: "invalid",
    message: "not ada",
  });
});

test("a wrong option is an error that names it", () => {
  assert.throws(() => followKeysFile("keys.yaml", { everyMs: 0 }), /option `everyMs` must be an integer/);
  assert.throws(() => followKeysFile("keys.yaml", { every: 10 } as FollowKeysFileOptions), /unknown option `every`/);
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

test("a listener that rejects does not end the process, and the file is followed on", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  let replaced = 0;
  const failing = async (): Promise<never> => {
    replaced += 1;
    throw new Error("the service for messages is down");
  };
  const warned = once(process, "warning");
  using followed = follow(keys.path, 10, { onReplaced: failing });
  await keys.create("bob");
  const [{ message }] = (await warned) as [Error];
  assert.equal(message, "the service for messages is down");
  const { key } = await keys.create("eve");
  await eventually(() => replaced === 2, "the next change is reported");
  assert.equal(followed.says(key), "eve");
});
