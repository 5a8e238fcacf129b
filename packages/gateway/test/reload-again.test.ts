import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync, hash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";

import { eventually } from "@aivillage/testing";

import { loadConfig, startGateway } from "../src/index.ts";
import { goodKeys } from "./production-configurations.ts";
import { failed, folder, good, reloaded, startByFile } from "./reload-support.ts";

const jwkSet = (): string => JSON.stringify({ keys: [generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" })] });

describe("a configuration that was refused", () => {
  test("is taken once the mode of its file is right, and reported only once before", async () => {
    await using gateway = await startByFile();
    gateway.write(good.replace("500", "600"));
    chmodSync(gateway.file, 0o666);
    await eventually(() => gateway.told(failed) === 1, "it is refused");
    chmodSync(gateway.file, 0o664);
    await eventually(() => gateway.told(failed) === 2, "another mode is another problem");
    chmodSync(gateway.file, 0o644);
    await eventually(() => gateway.told(reloaded) === 1, "the remedy is enough");
    assert.equal(await gateway.limit(), "600");
    assert.equal(gateway.told(failed), 2);
  });

  test("is taken once the file that it names is there", async () => {
    await using gateway = await startByFile();
    const named = join(folder, "later.json");
    gateway.write(good.replace("auth:", `auth:\n  jwt: { jwksFile: ${named} }`).replace("500", "600"));
    await eventually(() => gateway.told(failed) === 1, "it is refused");
    writeFileSync(named, "{}", { mode: 0o600 });
    await eventually(() => gateway.told(failed) === 2, "so is one that names a bad file");
    writeFileSync(named, jwkSet());
    await eventually(() => gateway.told(reloaded) === 1, "the file is enough");
    assert.equal(await gateway.limit(), "600");
  });

  test("is what was in force again when somebody takes the change back", async () => {
    await using gateway = await startByFile();
    gateway.write("");
    await eventually(() => gateway.told(failed) === 1, "it is refused");
    gateway.write(good);
    await eventually(() => gateway.told(reloaded) === 1, "the return is told");
  });
});

describe("a reload", () => {
  test("takes no keys file that was refused, also when other keys change", async () => {
    const key = "k7Rw2Nq9Xs4Vb1Lz8Tc5Yp3Hf6MdJg0A";
    const keysFile = join(folder, "reload-keys.yaml");
    const keys = `keys:\n  - id: ada\n    sha256: ${hash("sha256", key)}\n    revoked: true\n`;
    writeFileSync(keysFile, keys, { mode: 0o600 });
    await using gateway = await startByFile(good, { API_KEYS_FILE: keysFile });
    const status = async (given: string): Promise<number> => {
      const headers = { authorization: `Bearer ${given}`, "content-type": "application/json" };
      const response = await fetch(`${gateway.url}/v1/chat`, { method: "POST", body: "{}", headers });
      await response.arrayBuffer();
      return response.status;
    };
    writeFileSync(keysFile, keys.replace("    revoked: true\n", ""));
    await eventually(() => gateway.told("invalid keys file; keeping the previous keys") === 1, "it is refused");
    gateway.write(good.replace("500", "600"));
    await eventually(() => gateway.told(reloaded) === 1, "the limit is reloaded");
    assert.equal(await status(key), 401);
    const other = "n4Vx9Lq2Ws7Tz5Rb8Kc3Yh6Mf1PdJg0E";
    gateway.write(good.replace(goodKeys.API_KEY, other));
    await eventually(() => gateway.told(reloaded) === 2, "the key is reloaded");
    assert.deepEqual([await status(other), await status(goodKeys.API_KEY), await status(key)], [422, 401, 401]);
    await eventually(() => gateway.told("invalid keys file; keeping the previous keys") === 2, "who follows it now refuses it too");
    writeFileSync(keysFile, `${keys}  - { id: bob, sha256: ${hash("sha256", goodKeys.API_KEY)} }\n`);
    await eventually(async () => (await status(goodKeys.API_KEY)) === 422, "a good one is taken");
    assert.equal(await status(key), 401);
  });

  test("compares with what was loaded, not with what the file held when the gateway listened", async () => {
    // The start waits for the keys of this issuer until it has closed the connection.
    const issuer = createServer().listen(0, "127.0.0.1");
    await once(issuer, "listening");
    const file = join(folder, "race.yaml");
    // More than the test asks: a client far beyond its limit would see a lower one.
    writeFileSync(file, "rateLimit: { requests: 50000 }\n");
    const { port } = issuer.address() as AddressInfo;
    const sources = { file, env: { GATEWAY_PORT: "0", GATEWAY_HOST: "127.0.0.1", JWT_JWKS_URL: `http://127.0.0.1:${port}/` } };
    const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const asked = once(issuer, "request");
    const starting = startGateway(loadConfig(sources), { sources, logger: silent, drainMs: 200 });
    await asked;
    rmSync(file);
    issuer.close().closeAllConnections();
    const gateway = await starting;
    try {
      writeFileSync(file, "rateLimit: { requests: 77000 }\n");
      const limit = async () => (await fetch(gateway.url)).headers.get("x-ratelimit-limit");
      await eventually(async () => (await limit()) === "77000", "the change is noticed");
    } finally {
      await gateway.close();
    }
  });

  test("takes another last value that begins the old one", async () => {
    const text = `${good.replace(/rateLimit.*\n/, "")}rateLimit:\n  requests: 1000\n`;
    await using gateway = await startByFile(text);
    gateway.write(text.replace("1000", "100"));
    await eventually(() => gateway.told(reloaded) === 1, "it is taken");
    assert.deepEqual([await gateway.limit(), gateway.told(failed)], ["100", 0]);
  });

  test("warns of the files in force, as the start does", async (t) => {
    // What is in a folder of the owner's own is read by nobody else.
    chmodSync(folder, 0o755);
    t.after(() => chmodSync(folder, 0o700));
    await using gateway = await startByFile();
    const rules = () => gateway.log.flatMap(({ level, ["rule"]: rule }) => (level === "warn" ? [String(rule)] : []));
    const atStart = rules();
    assert.ok(atStart.includes("readable-file"));
    gateway.write(good.replace("500", "600"));
    await eventually(() => gateway.told(reloaded) === 1, "it is reloaded");
    assert.deepEqual(rules(), [...atStart, ...atStart]);
  });

  test("leaves alone what came from a pipe", async () => {
    const pipe = join(folder, "key.pipe");
    execFileSync("sh", ["-c", 'mkfifo -m 600 "$0"', pipe]);
    const writer = spawn("sh", ["-c", 'printf %s "$1" > "$0"', pipe, goodKeys.API_KEY]);
    const ended = once(writer, "exit");
    await using gateway = await startByFile(good.replace(/ {2}apiKey.*\n/, ""), { API_KEY_FILE: pipe });
    await ended;
    gateway.write(good.replace(/ {2}apiKey.*\n/, "").replace("500", "600"));
    await eventually(() => gateway.told(reloaded) === 1, "it is reloaded");
    assert.deepEqual([(await gateway.guards())[1], await gateway.limit()], [422, "600"]);
  });
});
