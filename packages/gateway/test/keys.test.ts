import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, lstatSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { parseApiKey } from "@aivillage/api-key-auth";

import { readApiKeys } from "../src/config/loader/api-keys-file.ts";
import { gatewaySays, keysFolder, nowMs } from "./keys-support.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

test("create prints the key once and nothing else on standard output; the file has its digest and mode 0600", async () => {
  using keys = keysFolder();
  const { code, stdout, stderr } = await keys.run(["create", "ada"]);
  assert.equal(code, 0);
  const key = stdout.trimEnd();
  const parsed = parseApiKey(key);
  assert.ok(typeof parsed === "object");
  assert.equal(stdout, `${key}\n`);
  assert.match(stderr, /shown only this once/);
  assert.ok(!stderr.includes(key));
  assert.ok(!keys.read().includes(key) && !keys.read().includes(key.slice(-20)));
  assert.ok(keys.read().includes(createHash("sha256").update(key).digest("hex")));
  assert.equal(keys.mode(), 0o600);
  assert.deepEqual(readdirSync(keys.folder), ["keys.yaml"]);
  assert.equal(gatewaySays(keys.path, key), `ada ${parsed.keyId}`);
});

test("what create was given is what the gateway reads", async () => {
  using keys = keysFolder();
  const options = ["--name", "Ada's laptop: #1", "--tier", "premium", "--scope", "query", "--scope", "chat", "--address", "10.0.0.0/8"];
  const { key, keyId } = await keys.create(
    "ada",
    ...options,
    "--not-before",
    "1h",
    "--expires",
    "2026-02-01T00:00:00Z",
    "--prefix",
    "acme",
  );
  assert.ok(key.startsWith(`acme_${keyId}.`));
  const [entry] = readApiKeys({ apiKey: "k", apiKeysFile: keys.path });
  const { sha256: _, ...rest } = entry ?? { id: "" };
  assert.deepEqual(rest, {
    id: "ada",
    keyId,
    name: "Ada's laptop: #1",
    tier: "premium",
    scopes: ["query", "chat"],
    addresses: ["10.0.0.0/8"],
    notBefore: "2026-01-01T01:00:00Z",
    expiresAt: "2026-02-01T00:00:00Z",
  });
  assert.equal(gatewaySays(keys.path, key, nowMs, "10.1.2.3"), "not-yet-valid");
  assert.equal(gatewaySays(keys.path, key, nowMs + hourMs, "10.1.2.3"), `ada ${keyId}`);
  assert.equal(gatewaySays(keys.path, key, nowMs + hourMs, "11.1.2.3"), "wrong-address");
  assert.equal(gatewaySays(keys.path, key, nowMs + 40 * dayMs, "10.1.2.3"), "expired");
});

test("list shows every key with its state, for people and as JSON, and no digest", async () => {
  using keys = keysFolder();
  await keys.create("ada", "--scope", "query", "--name", "a\u001b[31mred");
  const { keyId } = await keys.create("bob");
  await keys.create("cyd", "--not-before", "1d");
  await keys.create("dan", "--expires", "1h");
  await keys.run(["revoke", keyId]);
  const table = await keys.run(["list"], { at: nowMs + 2 * hourMs });
  assert.equal(table.code, 0);
  const lines = table.stdout.split("\n");
  assert.match(lines[0] ?? "", /^ID +KEY ID +STATE +TIER +SCOPES +EXPIRES +ADDRESSES +NAME$/);
  assert.match(lines[1] ?? "", /^ada +\w{12} +live +authenticated +query +never +all +a\?\[31mred$/);
  const json = JSON.parse((await keys.run(["list", "--json"], { at: nowMs + 2 * hourMs })).stdout) as Record<string, string>[];
  assert.deepEqual(
    json.map(({ id, state }) => [id, state]),
    [
      ["ada", "live"],
      ["bob", "revoked"],
      ["cyd", "pending"],
      ["dan", "expired"],
    ],
  );
  assert.doesNotMatch(JSON.stringify(json) + table.stdout, /[0-9a-f]{64}/);
});

test("revoke takes one key by its key id, or all of a client", async () => {
  using keys = keysFolder();
  const first = await keys.create("ada");
  const second = await keys.create("ada");
  const other = await keys.create("bob");
  assert.equal((await keys.run(["revoke", first.keyId])).code, 0);
  assert.equal(gatewaySays(keys.path, first.key), "revoked");
  assert.equal(gatewaySays(keys.path, second.key), `ada ${second.keyId}`);
  const { stdout } = await keys.run(["revoke", "ada", "--json"]);
  assert.deepEqual(JSON.parse(stdout), {
    revoked: [
      { id: "ada", keyId: first.keyId },
      { id: "ada", keyId: second.keyId },
    ],
  });
  assert.equal(gatewaySays(keys.path, second.key), "revoked");
  assert.equal(gatewaySays(keys.path, other.key), `bob ${other.keyId}`);
});

test("rotate hands the attributes on, and both keys are valid for the overlap", async () => {
  using keys = keysFolder();
  const old = await keys.create("ada", "--tier", "premium", "--scope", "query", "--address", "::1");
  const { code, stdout, stderr } = await keys.run(["rotate", old.keyId, "--json"]);
  assert.equal(code, 0, stderr);
  const young = JSON.parse(stdout) as { key: string; keyId: string; replaced: unknown };
  assert.deepEqual(young.replaced, [{ keyId: old.keyId, endsAt: "2026-01-02T00:00:00Z" }]);
  assert.match(stderr, new RegExp(`old key ${old.keyId} of ada ends at 2026-01-02T00:00:00Z`));
  for (const at of [nowMs, nowMs + dayMs - 1]) {
    assert.equal(gatewaySays(keys.path, old.key, at, "::1"), `ada ${old.keyId}`);
    assert.equal(gatewaySays(keys.path, young.key, at, "::1"), `ada ${young.keyId}`);
  }
  assert.equal(gatewaySays(keys.path, old.key, nowMs + dayMs, "::1"), "expired");
  assert.equal(gatewaySays(keys.path, young.key, nowMs + dayMs, "::1"), `ada ${young.keyId}`);
  const [, entry] = readApiKeys({ apiKey: "k", apiKeysFile: keys.path });
  assert.deepEqual([entry?.tier, entry?.scopes, entry?.addresses], ["premium", ["query"], ["::1"]]);
});

test("rotate without overlap ends the old key at once, and never prolongs one that ends before", async () => {
  using keys = keysFolder();
  const old = await keys.create("ada");
  const pending = await keys.create("ada", "--not-before", "10d");
  assert.equal((await keys.run(["rotate", "ada", "--overlap", "0s"])).code, 0);
  assert.equal(gatewaySays(keys.path, old.key), "expired");
  assert.equal(gatewaySays(keys.path, pending.key, nowMs + 11 * dayMs), "revoked");
  const ending = await keys.create("bob", "--expires", "1h");
  assert.match((await keys.run(["rotate", "bob"])).stderr, /say when the new one ends/);
  const { stdout } = await keys.run(["rotate", "bob", "--expires", "never", "--json"]);
  assert.equal(gatewaySays(keys.path, ending.key, nowMs + hourMs), "expired");
  const young = JSON.parse(stdout) as { key: string; keyId: string };
  assert.equal(gatewaySays(keys.path, young.key, nowMs + 1_000 * dayMs), `bob ${young.keyId}`);
});

test("verify reads the key from standard input and prints what the gateway would decide", async () => {
  using keys = keysFolder();
  const { key, keyId } = await keys.create("ada", "--address", "192.0.2.0/24");
  const verify = async (input: string, ...args: string[]) => {
    const { code, stdout, stderr } = await keys.run(["verify", "--json", ...args], { input });
    return { code, told: stdout === "" ? stderr : (JSON.parse(stdout) as unknown) };
  };
  const valid = { valid: true, id: "ada", keyId, tier: "authenticated", scopes: ["*"] };
  for (const end of ["", "\n", "\r\n"]) {
    assert.deepEqual(await verify(key + end, "--address", "192.0.2.9"), { code: 0, told: valid });
  }
  const typed = await keys.run(["verify", "--address", "192.0.2"], { input: key });
  assert.deepEqual([typed.code, typed.stdout], [2, ""]);
  assert.match(typed.stderr, /--address must be an IP address such as 10\.1\.2\.3/);
  assert.deepEqual(await verify(key, "--address", "192.0.3.9"), { code: 3, told: { valid: false, reason: "wrong-address" } });
  assert.deepEqual(await verify(key.slice(0, -1)), { code: 3, told: { valid: false, reason: "mistyped" } });
  assert.deepEqual(await verify("guess"), { code: 3, told: { valid: false, reason: "unknown" } });
  assert.equal((await verify("")).code, 1);
  assert.equal((await verify("x".repeat(9_000))).code, 1);
});

test("comments and the order of a file that people wrote stay", async () => {
  using keys = keysFolder();
  const before = [
    "# Who may come in.",
    "keys:",
    "  - id: partner-a # since spring",
    `    sha256: ${"a0".repeat(32)}`,
    "    # Not the upload.",
    "    scopes: [query, chat]",
    "",
  ].join("\n");
  writeFileSync(keys.path, before, { mode: 0o600 });
  const { keyId } = await keys.create("ada");
  assert.ok(keys.read().startsWith(before), keys.read());
  await keys.run(["revoke", "partner-a"]);
  assert.match(keys.read(), /^# Who may come in\.\nkeys:\n {2}- id: partner-a # since spring\n/);
  assert.match(keys.read(), / {4}# Not the upload\.\n {4}scopes: \[query, chat\]\n {4}revoked: true\n/);
  assert.ok(keys.read().includes(keyId));
});

test("an empty file, an empty list and a list in one line can be added to", async () => {
  for (const text of ["", "# nothing yet\n", "keys: []\n", `keys: [{ id: bob, sha256: "${"1".repeat(64)}" }]\n`]) {
    using keys = keysFolder();
    writeFileSync(keys.path, text, { mode: 0o600 });
    const { key, keyId } = await keys.create("ada");
    assert.equal(gatewaySays(keys.path, key), `ada ${keyId}`, text);
  }
});

test("a file that others may write or read is not touched, and the remedy is printed", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  const before = keys.read();
  for (const mode of [0o644, 0o620, 0o602, 0o666]) {
    chmodSync(keys.path, mode);
    const { code, stdout, stderr } = await keys.run(["create", "bob"]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /may be (read by everybody|written by others) \(mode 06\d\d\): run chmod/);
    assert.equal(keys.read(), before);
  }
  chmodSync(keys.path, 0o644);
  const listed = await keys.run(["list"]);
  assert.equal(listed.code, 0);
  assert.match(listed.stderr, /may be read by everybody/);
});

test("a mode that lets the group read, and a link to the file, stay as they are", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  chmodSync(keys.path, 0o640);
  const link = join(keys.folder, "link.yaml");
  symlinkSync(keys.path, link);
  assert.equal((await keys.run(["create", "bob", "--file", link])).code, 0);
  assert.equal(keys.mode(), 0o640);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.match(keys.read(), /id: bob/);
});

test("a change that the gateway would refuse is not written", async () => {
  using keys = keysFolder();
  await keys.create("ada");
  const before = keys.read();
  const wrong: readonly (readonly [args: string[], message: RegExp])[] = [
    [["--address", "10.0.0.0/33"], /addresses\[0\]` must be an IP address, a CIDR range/],
    [["--scope", 'a"b'], /scopes` must be a list of scopes/],
    [["--expires", "1h", "--not-before", "2h"], /expiresAt` must be later than `notBefore`/],
    [["--tier", ""], /tier` must be a non-empty string/],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await keys.run(["create", "bob", ...args]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, message);
  }
  assert.equal(keys.read(), before);
  assert.deepEqual(readdirSync(keys.folder), ["keys.yaml"]);
});

test("a bad or missing file is reported, not repaired", async () => {
  using keys = keysFolder();
  for (const command of [["list"], ["revoke", "ada"], ["rotate", "ada"], ["verify"]]) {
    const { code, stderr } = await keys.run(command, { input: "guess" });
    assert.deepEqual([code, existsSync(keys.path)], [1, false]);
    assert.match(stderr, /does not exist: create a key to create it/);
  }
  for (const [text, message] of [
    ["keys: [", /is not valid YAML/],
    ["keys: 5\n", /must have a list `keys`/],
    ["- a\n", /must have a list `keys`/],
    ["keys:\n  - id: ada\n", /keys\[0\] .* must have `sha256`/],
  ] as const) {
    writeFileSync(keys.path, text, { mode: 0o600 });
    const { code, stderr } = await keys.run(["create", "bob"]);
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.equal(keys.read(), text);
  }
});

test("a wrong command line is exit code 2, changes nothing and repeats no key", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  const before = keys.read();
  const wrong = [
    [],
    ["frob"],
    ["create"],
    ["create", "a b"],
    ["create", "a", "b"],
    ["create", "a", "--overlap", "1h"],
    ["create", "a", "--expires", "soon"],
    ["create", "a", "--expires", "2030-02-31"],
    ["create", "a", "--prefix", "A"],
    ["create", "a", "--frob"],
    ["revoke"],
    ["rotate", "ada", "--overlap", "1w"],
    ["list", "ada"],
    ["verify", key],
    ["list", "--file", ""],
  ];
  for (const args of wrong) {
    const { code, stdout, stderr } = await keys.run(args);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, /^aivillage-gateway keys: .+\nTry: aivillage-gateway keys( \w+)? --help\n$/);
    assert.ok(!stderr.includes(key));
  }
  assert.equal(keys.read(), before);
  const help = await keys.run(["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: aivillage-gateway keys COMMAND/);
});

test("an unknown key or client is exit code 1", async () => {
  using keys = keysFolder();
  const { keyId } = await keys.create("ada");
  await keys.run(["revoke", keyId]);
  assert.equal((await keys.run(["revoke", "eve"])).code, 1);
  assert.equal((await keys.run(["rotate", "eve"])).code, 1);
  assert.match((await keys.run(["rotate", keyId])).stderr, /none that is still valid/);
});
