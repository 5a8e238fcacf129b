import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { createKey, type CreateKeyOptions, readKeysFile, revokeKeys, rotateKeys } from "../src/keys-file/index.ts";
import { abandonedAfterMs, lockKeysFile } from "../src/keys-file/lock-keys-file.ts";
import { updateKeysFile } from "../src/keys-file/update-keys-file.ts";
import { keysFolder, now, nowMs } from "./keys-folder.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

test("createKey() returns the key and stores its digest in a file of mode 0600", async () => {
  using keys = keysFolder();
  const { key, entry } = await createKey(keys.path, { id: "ada", scopes: ["query"], notBefore: new Date(nowMs + hourMs), now });
  assert.deepEqual(readKeysFile(keys.path), { entries: [entry], accessProblem: undefined });
  assert.deepEqual(entry, {
    id: "ada",
    keyId: entry.keyId,
    sha256: createHash("sha256").update(key).digest("hex"),
    scopes: ["query"],
    notBefore: "2026-01-01T01:00:00Z",
    createdAt: "2026-01-01T00:00:00Z",
  });
  assert.ok(!keys.read().includes(key.slice(-20)));
  assert.equal(keys.mode(), 0o600);
  assert.deepEqual([keys.verdict(key), keys.verdict(key, nowMs + hourMs)], ["not-yet-valid", `ada ${entry.keyId}`]);
});

test("revokeKeys() revokes one key by its key id, or all of a client", async () => {
  using keys = keysFolder();
  const [first, second, other] = [await keys.create("ada"), await keys.create("ada"), await keys.create("bob")];
  await revokeKeys(keys.path, first.keyId);
  assert.deepEqual([keys.verdict(first.key), keys.verdict(second.key)], ["revoked", `ada ${second.keyId}`]);
  const { revoked, problems } = await revokeKeys(keys.path, "ada");
  assert.deepEqual(problems, []);
  assert.deepEqual(
    revoked.map(({ keyId }) => keyId),
    [first.keyId, second.keyId],
  );
  assert.deepEqual([keys.verdict(second.key), keys.verdict(other.key)], ["revoked", `bob ${other.keyId}`]);
  await assert.rejects(revokeKeys(keys.path, "eve"), { name: "KeysFileError", code: "unknown-key" });
});

test("createKey() and rotateKeys() write no file that the check of a server refuses", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  const before = keys.read();
  const check = (entries: readonly { id: string }[]) => (entries.length > 1 ? ["one key is enough"] : []);
  const refusal = { name: "KeysFileError", code: "invalid", problems: ["one key is enough"] };
  await assert.rejects(createKey(keys.path, { id: "bob", check }), refusal);
  await assert.rejects(rotateKeys(keys.path, "ada", { check }), refusal);
  assert.equal(keys.read(), before);
});

test("revokeKeys() writes a revocation into a file that servers refuse, and returns why they do", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  const refused = await revokeKeys(keys.path, "ada", { check: () => ["the budget dayly does not exist"] });
  assert.deepEqual(refused.problems, ["the budget dayly does not exist"]);
  assert.equal(keys.verdict(key), "revoked");
  await keys.create("bob");
  writeFileSync(keys.path, `${keys.read()}  - id: eve\n    sha256: short\n  -\n`);
  const { revoked, problems } = await revokeKeys(keys.path, "bob");
  assert.deepEqual([revoked.map(({ id }) => id), problems.length], [["bob"], 2]);
  assert.match(problems.join("\n"), /keys\[2\] in .* must have `sha256`/);
  assert.match(keys.read(), /id: bob\n(?: {4}.*\n)+ {4}revoked: true\n/);
  await assert.rejects(createKey(keys.path, { id: "dan" }), { code: "invalid" });
});

test("rotateKeys() passes tier, scopes and addresses on, and both keys are valid for the overlap", async () => {
  using keys = keysFolder();
  const old = await keys.create("ada", { tier: "premium", scopes: ["query"], addresses: ["::1"] });
  const { key, entry, replaced } = await rotateKeys(keys.path, old.keyId, { overlapMs: hourMs, now });
  assert.deepEqual(replaced, [{ keyId: old.keyId, endsAt: "2026-01-01T01:00:00Z" }]);
  assert.deepEqual([entry.tier, entry.scopes, entry.addresses], ["premium", ["query"], ["::1"]]);
  assert.equal(keys.verdict(old.key, nowMs + hourMs - 1, "::1"), `ada ${old.keyId}`);
  assert.equal(keys.verdict(old.key, nowMs + hourMs, "::1"), "expired");
  assert.equal(keys.verdict(key, nowMs + 2 * dayMs, "::1"), `ada ${entry.keyId}`);
});

test("rotateKeys() asks for the end of the new key when the old one has an end, and never prolongs the old one", async () => {
  using keys = keysFolder();
  const old = await keys.create("ada", { expiresAt: new Date(nowMs + hourMs) });
  await assert.rejects(rotateKeys(keys.path, "ada", { now }), { code: "expiry-required" });
  const { entry } = await rotateKeys(keys.path, "ada", { expiresAt: "never", now });
  assert.equal(entry.expiresAt, undefined);
  assert.equal(keys.verdict(old.key, nowMs + hourMs), "expired");
  await revokeKeys(keys.path, "ada");
  await assert.rejects(rotateKeys(keys.path, "ada", { now }), { code: "unknown-key", message: /none that is still valid/ });
});

test("comments and the order of a file that people wrote stay", async () => {
  using keys = keysFolder();
  const before = `# Partners.\nkeys:\n  - id: partner-a # since spring\n    sha256: ${"a0".repeat(32)}\n    # Not the upload.\n    scopes: [query, chat]\n`;
  writeFileSync(keys.path, before, { mode: 0o600 });
  await keys.create("ada");
  assert.ok(keys.read().startsWith(before), keys.read());
  await revokeKeys(keys.path, "partner-a");
  assert.match(keys.read(), / {4}# Not the upload\.\n {4}scopes: \[query, chat\]\n {4}revoked: true\n/);
});

test("a file that others may read or write is not changed, and the error says what to do", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  const before = keys.read();
  for (const mode of [0o644, 0o620, 0o602, 0o666]) {
    chmodSync(keys.path, mode);
    const message = /may be (read by everybody|written by others) \(mode 06\d\d\): run chmod/;
    await assert.rejects(keys.create("bob"), { name: "KeysFileError", code: "exposed", message });
    assert.match(readKeysFile(keys.path).accessProblem ?? "", message);
  }
  assert.equal(keys.read(), before);
});

test("on Windows, which shows every file as writable by all, a keys file can be changed", async (t) => {
  using keys = keysFolder();
  await keys.create("ada");
  chmodSync(keys.path, 0o666);
  const { platform } = process;
  Object.defineProperty(process, "platform", { value: "win32" });
  t.after(() => Object.defineProperty(process, "platform", { value: platform }));
  await keys.create("bob");
  assert.deepEqual(
    readKeysFile(keys.path).entries.map(({ id }) => id),
    ["ada", "bob"],
  );
  assert.equal(readKeysFile(keys.path).accessProblem, undefined);
});

test("a mode that lets the group read, and a link to the file, stay as they are", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  chmodSync(keys.path, 0o640);
  const link = join(keys.folder, "link.yaml");
  symlinkSync(keys.path, link);
  await createKey(link, { id: "bob" });
  assert.equal(keys.mode(), 0o640);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.match(keys.read(), /id: bob/);
});

test("a change that a server would refuse is not written", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  const before = keys.read();
  const wrong: readonly (readonly [options: Partial<CreateKeyOptions>, message: RegExp])[] = [
    [{ addresses: ["10.0.0.0/33"] }, /addresses\[0\]` must be an IP address/],
    [{ scopes: ['a"b'] }, /scopes` must be a list of scopes/],
    [{ expiresAt: new Date(nowMs), notBefore: new Date(nowMs + 1_000) }, /expiresAt` must be later than `notBefore`/],
    [{ tier: "" }, /tier` must be a non-empty string/],
  ];
  for (const [options, message] of wrong) await assert.rejects(keys.create("bob", options), { code: "invalid", message });
  assert.equal(keys.read(), before);
  assert.deepEqual(readdirSync(keys.folder), ["keys.yaml"]);
});

test("a wrong option is an error that names it and shows no key", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  await assert.rejects(createKey(keys.path, { id: key }), /option `id` must be 1 to 64 letters, .* got 'a string of 66 characters'$/);
  await assert.rejects(keys.create("bob", { prefix: "A" }), /option `prefix` must be/);
  await assert.rejects(keys.create("bob", { expiresAt: "soon" }), /option `expiresAt` must be/);
  await assert.rejects(rotateKeys(keys.path, "ada", { overlapMs: -1 }), /option `overlapMs` must be/);
});

test("a missing file, or one that is not valid, is an error and is not repaired", async () => {
  using keys = keysFolder();
  assert.throws(() => readKeysFile(keys.path), { code: "unreadable", message: /does not exist: create a key to create it/ });
  await assert.rejects(rotateKeys(keys.path, "ada"), { code: "unreadable" });
  await assert.rejects(revokeKeys(keys.path, "ada"), { code: "unreadable" });
  assert.equal(existsSync(keys.path), false);
  for (const [text, message] of [
    ["keys: [", /is not valid YAML: .* at line 1, column/],
    ["keys: 5\n", /must have a list `keys`/],
    ["keys:\n  - id: ada\n", /keys\[0\] .* must have `sha256`/],
  ] as const) {
    writeFileSync(keys.path, text, { mode: 0o600 });
    await assert.rejects(keys.create("bob"), { name: "KeysFileError", code: "invalid", message });
    assert.equal(keys.read(), text);
  }
});

test("a reader that looks all the time finds whole files only, while keys are created at once", async (t) => {
  using keys = keysFolder();
  const { key, keyId } = await keys.create("ada");
  let looks = 0;
  const reading = setInterval(() => {
    looks += 1;
    assert.equal(keys.verdict(key), `ada ${keyId}`);
  }, 5);
  t.after(() => clearInterval(reading));
  await Promise.all(Array.from({ length: 12 }, (_, index) => keys.create(`client-${index}`)));
  assert.ok(looks > 0);
  assert.equal(readKeysFile(keys.path).entries.length, 13);
});

test("a file that something else changes meanwhile is not overwritten", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  const edited = `${keys.read()}# edited\n`;
  const change = updateKeysFile(keys.path, { create: false }, ({ change: set }) => {
    set(0, { revoked: true });
    writeFileSync(keys.path, edited);
  });
  await assert.rejects(change, { name: "KeysFileError", code: "changed", message: /run the command again/ });
  assert.equal(keys.read(), edited);
});

test("a lock that a live process keeps ends the wait of others with an error", async () => {
  using keys = keysFolder();
  const { release } = await lockKeysFile(keys.path);
  await assert.rejects(lockKeysFile(keys.path, 50), {
    name: "KeysFileError",
    code: "locked",
    message: /is being changed by another command/,
  });
  await release();
  await (await lockKeysFile(keys.path, 50)).release();
});

test("a command waits for the one before it", async () => {
  using keys = keysFolder();
  const { release } = await lockKeysFile(keys.path);
  const creating = keys.create("ada");
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(existsSync(keys.path), false);
  await release();
  assert.equal(keys.verdict((await creating).key).split(" ")[0], "ada");
});

test("what a killed command leaves is removed by the next one, and copies that people made stay", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  const killedAt = (Date.now() - 2 * abandonedAfterMs) / 1_000;
  const leave = (name: string, at: number): void => {
    writeFileSync(join(keys.folder, name), "keys:");
    utimesSync(join(keys.folder, name), at, at);
  };
  leave("keys.yaml.2831098", killedAt + 1);
  leave("keys.yaml.20260101", killedAt - 60);
  leave("keys.yaml.1", killedAt + abandonedAfterMs / 1_000 + 1);
  leave("keys.yaml.old", killedAt + 1);
  mkdirSync(`${keys.path}.lock`);
  utimesSync(`${keys.path}.lock`, killedAt, killedAt);
  await keys.create("bob");
  assert.deepEqual(readdirSync(keys.folder).toSorted(), ["keys.yaml", "keys.yaml.1", "keys.yaml.20260101", "keys.yaml.old"]);
});
