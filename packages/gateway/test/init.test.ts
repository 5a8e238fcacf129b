import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { settings } from "../src/config/settings/schema.ts";
import { loadConfig } from "../src/index.ts";
import { cli } from "./cli-support.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-init-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "gateway.yaml");

test("init writes a configuration file that check-config accepts and that changes no default", async () => {
  const { code, stdout } = await cli(["init", file]);
  assert.equal(code, 0);
  assert.ok(stdout.includes(`aivillage-gateway start --config ${file}`), stdout);
  assert.deepEqual([(await cli(["check-config", "--config", file])).code], [0]);
  assert.deepEqual(loadConfig({ env: {}, file }), loadConfig({ env: {} }));
});

test("every setting is in it with its default, and a secret only by the name of its variable", () => {
  const text = readFileSync(file, "utf8");
  const all = join(folder, "all.yaml");
  writeFileSync(all, text.replaceAll(/^( *)#(?=\S)/gm, "$1"));
  assert.deepEqual(loadConfig({ env: {}, file: all }), loadConfig({ env: {} }));
  for (const { key, env, sensitive } of settings) {
    if (!sensitive) assert.match(text, new RegExp(`^ *#?${key.split(".").at(-1)}: `, "m"), key);
    if (env !== undefined) assert.ok(text.includes(env), env);
  }
  assert.doesNotMatch(text, /dev-(gateway|secret)-key/);
});

test("init overwrites nothing, and says what to do", async () => {
  const kept = readFileSync(file, "utf8");
  const { code, stderr } = await cli(["init", file]);
  assert.deepEqual([code, stderr], [1, `aivillage-gateway: ${file} exists: name another file, or remove it\n`]);
  assert.equal(readFileSync(file, "utf8"), kept);
});

const pages = { keys: ["keys", "create"], configuration: ["check-config"], operations: ["start"] };

for (const [page, command] of Object.entries(pages)) {
  test(`the help of ${command.join(" ")} names the page of the documentation about ${page}`, async () => {
    const { stdout } = await cli([...command, "--help"]);
    assert.match(stdout, new RegExp(`^Documentation: https://\\S+/docs/${page}\\.md$`, "m"));
  });
}

test("the errors of a configuration name the page that describes it", async () => {
  writeFileSync(file, "server:\n  prot: 9\n");
  assert.match((await cli(["check-config", "--config", file])).stderr, /`server\.port`\?\nSee https:\/\/\S+\/docs\/configuration\.md\n$/);
});
