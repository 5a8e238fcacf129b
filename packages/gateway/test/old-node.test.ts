import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const cli = join(import.meta.dirname, "../src/cli.ts");

test("on a Node that is too old the command says which one it needs", () => {
  const preload = join(mkdtempSync(join(tmpdir(), "old-node-")), "old-node.mjs");
  writeFileSync(preload, `Object.defineProperty(process.versions, "node", { value: "22.9.0" });`);
  const args = ["--conditions=@aivillage/source", "--import", preload, cli, "start"];
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /^aivillage-gateway needs Node 22\.19 or later; this is v[\d.]+\. Install it from https:\/\/nodejs\.org\.\n$/);
  assert.equal(stdout, "");
});
