import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { auditLog } from "@aivillage/access-log";
import { temporaryFile } from "@aivillage/testing";

import { cli } from "./cli-support.ts";

const key = "a key of sixteen bytes";

async function writeLog(path: string): Promise<void> {
  const audit = auditLog({ path, key, maxBytes: 1_024 });
  for (let call = 1; call <= 8; call += 1) {
    audit.write({ principal: "ada", model: "gpt-4o", call });
    await audit.flushed();
  }
  await audit.close();
}

test("audit verify prints the head of a valid log, and what is wrong with one that was changed", async () => {
  using file = temporaryFile("audit.log");
  const keyFile = join(file.folder, "key");
  writeFileSync(keyFile, `${key}\n`);
  await writeLog(file.path);
  const verify = (...args: readonly string[]) => cli(["audit", "verify", file.path, "--key-file", keyFile, ...args]);
  const { code, stdout } = await verify();
  assert.equal(code, 0);
  const [, head = ""] = /^valid: 8 valid lines, head (8:[0-9a-f]{64})\n$/.exec(stdout) ?? [];
  assert.equal((await verify("--head", head)).code, 0);
  assert.equal((await verify("--first", "2")).code, 3);
  assert.equal((await verify("--head", "8")).code, 2);

  writeFileSync(file.path, readFileSync(file.path, "utf8").replace("ada", "bob"));
  const changed = await verify();
  assert.equal(changed.code, 3);
  assert.match(changed.stdout, /audit\.log:\d+: its digest is wrong: it was changed, or written with another key\n/);
  const json = JSON.parse((await verify("--json")).stdout) as { valid: boolean; problems: unknown[] };
  assert.deepEqual([json.valid, json.problems.length], [false, 1]);
});

test("audit verify says that a log has another key, after its first problems and their number", async () => {
  using file = temporaryFile("audit.log");
  const audit = auditLog({ path: file.path, key });
  for (let call = 1; call <= 120; call += 1) audit.write({ call });
  await audit.close();
  const without = await cli(["audit", "verify", file.path]);
  assert.equal(without.code, 3);
  assert.equal(without.stdout.split("\n").filter((line) => line.includes("audit.log")).length, 10);
  assert.match(
    without.stdout,
    /\n111 more problems are not shown\nno line has a digest without a key: .* give --key-file FILE\nnot valid: 0/,
  );
  const keyFile = join(file.folder, "key");
  writeFileSync(keyFile, "another key of the log");
  const other = await cli(["audit", "verify", file.path, "--key-file", keyFile]);
  assert.match(other.stdout, /no line has a digest of this key: the log was written with another key, or without one\n/);
});

test("audit verify says which file it cannot read", async () => {
  using file = temporaryFile("audit.log");
  const { code, stderr } = await cli(["audit", "verify", file.path]);
  assert.equal(code, 1);
  assert.match(stderr, /ENOENT/);
});
