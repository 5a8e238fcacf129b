import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { apiKey, type GatewayProcess, startGatewayProcess } from "../bench/support/gateway-process.ts";
import { goodKeys } from "./production-configurations.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-workers-configuration-"));
after(() => rmSync(folder, { recursive: true }));

const failed = "configuration reload failed; keeping the previous one";
const clientKey = "k7Rw2Nq9Xs4Vb1Lz8Tc5Yp3Hf6MdJg0A";
const keysText = `# clients\nkeys:\n  - id: ada\n    sha256: ${hash("sha256", clientKey)}\n    revoked: true\n`;
const good = `environment: production
cors: { origins: ["https://app.example"] }
metrics: { allow: [127.0.0.1] }
rateLimit: { requests: 500 }
`;

/** Two workers in production by their file. */
async function startCluster(name: string) {
  const [file, keysFile] = [join(folder, `${name}.yaml`), join(folder, `${name}.keys.yaml`)];
  writeFileSync(file, good, { mode: 0o600 });
  writeFileSync(keysFile, keysText, { mode: 0o600 });
  const env = {
    WORKERS: "2",
    SECRET_KEY: goodKeys.SECRET_KEY,
    API_KEYS_FILE: keysFile,
    RATE_LIMIT_REQUESTS: "",
    LOG_LINES_PER_SECOND: "1000",
  };
  return { file, keysFile, cluster: await startGatewayProcess({ config: file, env }) };
}

/** What requests get, each on a connection of its own, so that they reach all workers. */
async function statuses({ url }: GatewayProcess, path: string, key = apiKey): Promise<number[]> {
  const headers = { connection: "close", authorization: `Bearer ${key}`, "content-type": "application/json" };
  const found = new Set<number>();
  for (let count = 0; count < 8; count += 1) {
    const response = await fetch(url + path, path === "/docs" ? { headers } : { method: "POST", body: "{}", headers });
    await response.arrayBuffer();
    found.add(response.status);
  }
  return [...found];
}

const environments = (cluster: GatewayProcess): unknown[] => cluster.lines("gateway listens").map(({ environment }) => environment);
const refusalsOfSignal = (cluster: GatewayProcess) => cluster.lines(failed).filter(({ reason }) => reason === "SIGUSR2");

async function killOne(cluster: GatewayProcess): Promise<void> {
  const listening = cluster.lines("gateway listens");
  process.kill(Number(listening.at(-1)?.["pid"]), "SIGKILL");
  await cluster.told("gateway listens", listening.length + 1);
}

describe("a worker that takes the place of another one", () => {
  test("starts with what is in force, not with files that were refused", async () => {
    const { file, keysFile, cluster } = await startCluster("crash");
    await using _ = cluster;
    writeFileSync(file, "");
    writeFileSync(keysFile, keysText.replace("    revoked: true\n", ""));
    await cluster.told(failed, 3);
    await cluster.told("invalid keys file; keeping the previous keys", 2);
    await killOne(cluster);
    assert.deepEqual(environments(cluster), ["production", "production", "production"]);
    assert.deepEqual(await statuses(cluster, "/docs"), [404]);
    assert.deepEqual(await statuses(cluster, "/v1/chat", clientKey), [401]);
    await cluster.told("invalid keys file; keeping the previous keys", 3);
    assert.equal((await statuses(cluster, "/v1/chat", clientKey)).includes(422), false);
  });

  test("starts with what was reloaded, and follows the files on", async () => {
    const { file, cluster } = await startCluster("reloaded");
    await using _ = cluster;
    const limit = async (): Promise<string | null> =>
      (await fetch(cluster.url, { headers: { connection: "close" } })).headers.get("x-ratelimit-limit");
    writeFileSync(file, good.replace("500", "600").replace("production", "development"));
    await cluster.told("configuration reloaded", 3);
    await killOne(cluster);
    assert.deepEqual(environments(cluster), ["production", "production", "production"]);
    for (let count = 0; count < 6; count += 1) assert.equal(await limit(), "600");
    assert.equal(cluster.lines("settings keep their value until a restart").length, 1, "the primary alone warns");
    writeFileSync(file, good.replace("500", "700"));
    await cluster.told("configuration reloaded", 6);
    for (let count = 0; count < 6; count += 1) assert.equal(await limit(), "700");
  });
});

describe("SIGUSR2", () => {
  test("brings settings that need a new process, but neither an empty file nor an end of production", async () => {
    const { file, cluster } = await startCluster("rolling");
    await using _ = cluster;
    const refused: [text: string, reason: RegExp][] = [
      [good.replace("production", "development"), /`environment` cannot change from production to development while the gateway runs/],
      ["", /is empty: write its settings/],
      [good.slice(0, good.indexOf("metrics")), /looks cut off/],
    ];
    for (const [index, [text, reason]] of refused.entries()) {
      writeFileSync(file, text);
      cluster.child.kill("SIGUSR2");
      // Until then another signal would be ignored.
      await cluster.told("workers replaced", index + 1);
      assert.match(JSON.stringify(refusalsOfSignal(cluster)[index]), reason);
    }
    const replaced = () => cluster.lines("workers replaced").map((line) => line["replaced"]);
    assert.deepEqual(replaced(), [0, 0, 0]);
    assert.deepEqual(environments(cluster), ["production", "production"]);
    writeFileSync(file, good.replace("production", "prod-eu"));
    // On a busy machine a new worker may take longer to listen than it is given: the next signal tries again.
    do {
      const signals = replaced().length;
      cluster.child.kill("SIGUSR2");
      await cluster.told("workers replaced", signals + 1);
    } while (replaced().at(-1) !== 2);
    assert.deepEqual(environments(cluster).slice(-2), ["prod-eu", "prod-eu"]);
  });
});
