import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";

const cli = join(import.meta.dirname, "../src/cli.ts");

/** Writes the names of the libraries that a process has loaded to a file, when it ends. */
const recorder = `data:text/javascript,${encodeURIComponent(`
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
const names = new Set();
registerHooks({
  load(url, context, nextLoad) {
    const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url) ?? [];
    if (name !== undefined) names.add(name);
    return nextLoad(url, context);
  },
});
process.on("exit", () => writeFileSync(process.env.LOADED_FILE, JSON.stringify([...names])));
`)}`;

/** The libraries that a command loads until it ends, or is stopped when it listens. */
async function loadedBy(t: TestContext, command: string, env: Readonly<Record<string, string>> = {}): Promise<ReadonlySet<string>> {
  const folder = mkdtempSync(join(tmpdir(), "loaded-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "loaded.json");
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", "--import", recorder, cli, command], {
    env: { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", LOADED_FILE: file, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const exit = once(child, "exit");
  createInterface(child.stdout).on("line", (line) => {
    if (line.includes("gateway listens")) child.kill("SIGTERM");
  });
  assert.deepEqual(await exit, [0, null]);
  return new Set(JSON.parse(readFileSync(file, "utf8")) as string[]);
}

const optional = [
  "@opentelemetry/sdk-trace",
  "@redis/client",
  "@zxcvbn-ts/core",
  "@zxcvbn-ts/language-common",
  "express",
  "jose",
  "swagger-ui-dist",
  "uplot",
  "yaml",
];

test("a start loads no library of a feature that is off", async (t) => {
  const loaded = await loadedBy(t, "start");
  assert.ok(loaded.has("undici"), "the record has what a start needs");
  assert.deepEqual(
    optional.filter((name) => loaded.has(name)),
    [],
  );
});

test("a start in production loads the estimator that judges its keys, and nothing else", async (t) => {
  const loaded = await loadedBy(t, "start", {
    ENVIRONMENT: "production",
    API_KEY: "kZq7vR2mXw9LpT4sYb8NcF3hJd6GaQ1e",
    SECRET_KEY: "t5Wk0PzQx8CrV3nMb6YhJ1LdFg9SaEu2",
    CORS_ORIGINS: "https://app.example",
    TWIN_URL: "http://127.0.0.1:1",
    AGENT_CONTROLLER_URL: "http://127.0.0.1:1",
    KNOWLEDGE_SYSTEM_URL: "http://127.0.0.1:1",
  });
  assert.deepEqual(
    optional.filter((name) => loaded.has(name)),
    ["@zxcvbn-ts/core", "@zxcvbn-ts/language-common"],
  );
});

test("the help loads nothing but the reader of the command line", async (t) => {
  assert.deepEqual(await loadedBy(t, "--help"), new Set(["commander"]));
});

test("a check of the configuration loads no log, no metrics and no server of a feature", async (t) => {
  const loaded = await loadedBy(t, "check-config");
  assert.ok(loaded.has("convict"), "the record has what a check needs");
  assert.deepEqual(
    [...optional, "pino", "prom-client", "got", "file-type", "busboy"].filter((name) => loaded.has(name)),
    [],
  );
});
