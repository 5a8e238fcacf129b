import assert from "node:assert/strict";
import { chmodSync, closeSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { eventually } from "@aivillage/testing";

import { loadConfig, startGateway } from "../src/index.ts";
import { goodKeys } from "./production-configurations.ts";
import { failed, folder, good, reloaded, startByFile as start } from "./reload-support.ts";

/** Longer than the two looks after which a change is in force. */
const lookedAtMs = 1_000;
const closed = [401, 422, null, 403];

describe("a production gateway whose file changes", () => {
  const unmeant: readonly [name: string, text: string, problem: RegExp][] = [
    ["is empty", "", /is empty: write its settings/],
    ["is blank", " \n\n", /is empty/],
    ["holds comments only", "# to be written\n", /holds no settings/],
    ["is null", "null\n", /holds no settings/],
    ["is an empty mapping", "{}\n", /holds no settings/],
    ["is cut off after a line", good.slice(0, good.indexOf("cors:")), /looks cut off/],
    ["is cut off within a line", good.slice(0, -5), /is not valid YAML/],
    ["ends within a line that is valid", good.slice(0, good.indexOf("cors:") - 9), /looks cut off/],
    ["no longer names its environment", "rateLimit: { requests: 7 }\n", /API_KEY is the public[^]*SECRET_KEY[^]*CORS_ORIGINS/],
    ["names another environment", good.replace("production", "development").replace(/cors.*\n/, ""), /CORS_ORIGINS allows every origin/],
    ["holds a weak key", good.replace(goodKeys.API_KEY, "change-me-change-me-change-me-please"), /API_KEY is guessable/],
  ];

  test("keeps what is in force while the file is not one that production would start with", async () => {
    await using gateway = await start();
    assert.deepEqual(await gateway.guards(), closed);
    for (const [index, [name, text, problem]] of unmeant.entries()) {
      gateway.write(text);
      await eventually(() => gateway.told(failed) === index + 1, `it is refused when the file ${name}`);
      assert.match(gateway.log.at(-1)?.["problems"]?.toString() ?? "", problem, name);
      assert.deepEqual(await gateway.guards(), closed, name);
    }
    assert.ok(!JSON.stringify(gateway.log).includes(goodKeys.API_KEY));
    gateway.write(good.replace("500", "600"));
    await eventually(() => gateway.told(reloaded) === 1, "the next good one is taken");
    assert.equal(await gateway.limit(), "600");
  });

  test("takes a file that is written in parts only when it is complete", async () => {
    await using gateway = await start();
    for (let round = 1; round <= 8; round += 1) {
      const text = `# rewritten ${round}\n${good.replace("500", String(500_000 + round))}`;
      const file = openSync(gateway.file, "w");
      for (let at = 0; at < text.length; at += 90) {
        writeSync(file, text.slice(at, at + 90));
        await delay(40);
        assert.deepEqual(await gateway.guards(), closed);
      }
      closeSync(file);
    }
    await eventually(async () => (await gateway.limit()) === "500008", "the last one is in force");
  });

  test("takes a shorter file when SIGHUP says that it is meant, but no empty one", async () => {
    await using gateway = await start();
    gateway.write(good.replace("rateLimit: { requests: 500 }\n", ""));
    await eventually(() => gateway.told(failed) === 1, "a change alone is refused");
    process.kill(process.pid, "SIGHUP");
    await eventually(() => gateway.told(reloaded) === 1, "SIGHUP takes it");
    assert.equal(await gateway.limit(), "100");
    gateway.write("");
    process.kill(process.pid, "SIGHUP");
    await eventually(() => gateway.log.some((each) => each.message === failed && each["reason"] === "SIGHUP"), "it is refused");
    assert.deepEqual(await gateway.guards(), closed);
  });

  test("takes nothing when a file that counted is gone", async () => {
    const file = join(folder, "with-overlay.yaml");
    const overlay = join(folder, "with-overlay.production.yaml");
    writeFileSync(overlay, "rateLimit: { requests: 70000 }\n");
    await using gateway = await start(good, {}, file);
    assert.equal(await gateway.limit(), "70000");
    rmSync(overlay);
    await eventually(() => gateway.told(failed) === 1, "the loss is refused");
    assert.match(gateway.problems().join(), /with-overlay\.production\.yaml is gone/);
    assert.equal(await gateway.limit(), "70000");
    writeFileSync(overlay, "rateLimit: { requests: 80000 }\n");
    await eventually(async () => (await gateway.limit()) === "80000", "it counts when it is back");
    rmSync(file);
    await eventually(() => gateway.told(failed) >= 2, "so is the loss of the main one");
    assert.equal(await gateway.limit(), "80000");
  });

  test("is not reloaded by a new time of an unchanged file", async () => {
    await using gateway = await start();
    gateway.write(good);
    await delay(lookedAtMs);
    assert.deepEqual([gateway.told(reloaded), gateway.told(failed)], [0, 0]);
  });

  test("refuses the file once others may write it", async () => {
    await using gateway = await start();
    chmodSync(gateway.file, 0o666);
    gateway.write(good.replace("500", "900"));
    await eventually(() => gateway.told(failed) === 1, "it is refused");
    assert.match(gateway.problems().join(), /may be written by others in production \(mode 0666\): run chmod go-w/);
    assert.equal(await gateway.limit(), "500");
  });
});

describe("secret files of a production gateway", () => {
  const withoutKey = good.replace(/ {2}apiKey.*\n/, "");
  const other = "n4Vx9Lq2Ws7Tz5Rb8Kc3Yh6Mf1PdJg0E";
  const isAccepted = async (url: string, key: string): Promise<boolean> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const response = await fetch(`${url}/v1/chat`, { method: "POST", headers, body: "{}" });
    await response.arrayBuffer();
    return response.status === 422;
  };

  /** As the kubelet mounts a secret: links to a folder that is swapped as a whole. */
  function mount(name: string, key: string): { file: string; swap(next: string, version: string): void } {
    const root = join(folder, name);
    const put = (version: string, text: string): void => {
      mkdirSync(join(root, version), { recursive: true });
      writeFileSync(join(root, version, "api_key"), text, { mode: 0o640 });
      symlinkSync(version, join(root, "..data_tmp"));
      renameSync(join(root, "..data_tmp"), join(root, "..data"));
    };
    put("v1", key);
    symlinkSync("..data/api_key", join(root, "api_key"));
    return { file: join(root, "api_key"), swap: (next, version) => put(version, next) };
  }

  test("are followed when their folder is swapped, and neither emptied nor cut off keys count", async () => {
    const mounted = mount("secrets", `${goodKeys.API_KEY}\n`);
    const file = join(folder, "by-file.yaml");
    writeFileSync(file, withoutKey);
    const sources = { file, env: { API_KEY_FILE: mounted.file } };
    const log: string[] = [];
    const line = (_: object, message: string): void => void log.push(message);
    const gateway = await startGateway(loadConfig(sources), {
      logger: { debug: line, info: line, warn: line, error: line },
      sources,
      drainMs: 200,
    });
    try {
      const told = (message: string): number => log.filter((each) => each === message).length;
      mounted.swap("", "v2");
      await eventually(() => told(failed) === 1, "an empty key is refused");
      mounted.swap(goodKeys.API_KEY.slice(0, 20), "v3");
      await eventually(() => told(failed) === 2, "half a key is refused");
      assert.equal(await isAccepted(gateway.url, goodKeys.API_KEY), true);
      mounted.swap(other, "v4");
      await eventually(() => told(reloaded) === 1, "another key is taken");
      assert.deepEqual([await isAccepted(gateway.url, other), await isAccepted(gateway.url, goodKeys.API_KEY)], [true, false]);
    } finally {
      await gateway.close();
    }
  });
});
