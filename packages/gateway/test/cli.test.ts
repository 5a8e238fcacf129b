import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { childEnv, eventually, gatewayProgram, listen, startDownstream } from "@aivillage/testing";

import { cli, type CliSurroundings, type Ended } from "./cli-support.ts";

/** What no run may print, whatever it is asked. */
const secrets = ["dev-gateway-key-12345", "dev-secret-key-change-in-production", "from-the-environment", "very-secret-key", "Bearer "];
const runs: Run[] = [];
const inProcess: Ended[] = [];
// What a test that failed has left running would keep this process for ever.
after(() => runs.forEach(({ child }) => child.kill("SIGKILL")));
after(() => {
  const printed = [...runs, ...inProcess].map(({ stdout, stderr }) => stdout + stderr).join("\n");
  assert.deepEqual(
    secrets.filter((secret) => printed.includes(secret)),
    [],
  );
});
const folder = mkdtempSync(join(tmpdir(), "aivillage-cli-"));
after(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  stdout: string;
  stderr: string;
}

/** Runs a command line in a process of its own. */
function run(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", gatewayProgram(), ...args], {
    // What the services receive, and what is logged, is what a test is about.
    env: childEnv({ HEALTH_CHECK_INTERVAL: "0", ...env }),
  });
  const state: Run = { child, exit: new Promise((resolve) => child.once("close", resolve)), stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (state.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (state.stderr += chunk.toString()));
  runs.push(state);
  return state;
}

/** Runs a command line in this process. */
async function end(args: readonly string[], env: CliSurroundings["env"] = {}): Promise<Ended> {
  const ended = await cli(args, { env });
  inProcess.push(ended);
  return ended;
}

const urlOf = async (started: Run): Promise<string> => {
  await eventually(() => started.stdout.includes("gateway listens"), `it listens: ${started.stderr}`);
  return (JSON.parse(started.stdout.split("\n")[0] ?? "") as { url: string }).url;
};

describe("aivillage-gateway", () => {
  test("starts from environment variables, prints one line, and stops on SIGTERM with 0", async () => {
    await using twin = await startDownstream({ body: { reply: "hello" } });
    const started = run(["start"], { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", TWIN_URL: twin.url, API_KEY: "from-the-environment" });
    const url = await urlOf(started);
    assert.equal(started.stdout.trim().split("\n").length, 1);
    const response = await fetch(`${url}/v1/chat`, {
      method: "POST",
      headers: { authorization: "Bearer from-the-environment", "content-type": "application/json" },
      body: '{"message":"hello"}',
    });
    assert.deepEqual(await response.json(), { reply: "hello" });
    started.child.kill("SIGTERM");
    assert.equal(await started.exit, 0);
    assert.ok(!started.stdout.includes("from-the-environment"), "the key is not logged");
  });

  test("lets a request that is under way finish before it stops", async () => {
    await using twin = await startDownstream({ delayMs: 600, body: { reply: "late" } });
    const started = run(["start", "--port", "0"], { TWIN_URL: twin.url });
    const url = await urlOf(started);
    const response = fetch(`${url}/v1/chat`, {
      method: "POST",
      headers: { authorization: "Bearer dev-gateway-key-12345", "content-type": "application/json" },
      body: '{"message":"hello"}',
    });
    await eventually(() => twin.received.length === 1, "the request is under way");
    started.child.kill("SIGINT");
    assert.deepEqual(await (await response).json(), { reply: "late" });
    assert.equal(await started.exit, 0);
  });

  test("SIGHUP ends no request while it drains, and SIGUSR1 opens no debugger", async () => {
    await using twin = await startDownstream({ delayMs: 600, body: { reply: "late" } });
    const started = run(["start", "--port", "0"], { TWIN_URL: twin.url });
    const url = await urlOf(started);
    const response = fetch(`${url}/v1/chat`, {
      method: "POST",
      headers: { authorization: "Bearer dev-gateway-key-12345", "content-type": "application/json" },
      body: '{"message":"hello"}',
    });
    await eventually(() => twin.received.length === 1, "the request is under way");
    started.child.kill("SIGUSR1");
    started.child.kill("SIGTERM");
    await eventually(() => started.stdout.includes("gateway drains"), "it drains");
    started.child.kill("SIGHUP");
    assert.deepEqual(await (await response).json(), { reply: "late" });
    assert.equal(await started.exit, 0);
    assert.doesNotMatch(started.stderr, /debugger|inspector/i);
  });

  test("a second signal does not wait", async () => {
    await using twin = await startDownstream({ hang: true });
    const started = run(["start", "--port", "0"], { TWIN_URL: twin.url });
    const url = new URL(await urlOf(started));
    const socket = connect(Number(url.port), "127.0.0.1");
    socket.on("error", () => undefined);
    const body = '{"message":"hello"}';
    socket.write(
      `POST /v1/chat HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer dev-gateway-key-12345\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually(() => twin.received.length === 1, "the request is under way");
    started.child.kill("SIGTERM");
    await eventually(() => started.stdout.includes("gateway drains"), "it drains");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    started.child.kill("SIGTERM");
    assert.equal(await started.exit, 1);
    socket.destroy();
  });

  test("reports a port that is taken in one line, exit code 1", async () => {
    await using taken = await listen((_req, res) => void res.end());
    const { code, stderr } = await end(["start"], { GATEWAY_PORT: String(taken.port), GATEWAY_HOST: "127.0.0.1" });
    assert.equal(code, 1);
    assert.match(stderr, /^aivillage-gateway: .*EADDRINUSE.*\n$/);
  });

  test("refuses production with the default keys, every error and remedy at once, exit code 1", async () => {
    const { code, stderr } = await end(["start"], { ENVIRONMENT: "production", DEBUG: "true" });
    assert.equal(code, 1);
    for (const name of ["API_KEY", "SECRET_KEY", "CORS_ORIGINS", "DEBUG"]) assert.match(stderr, new RegExp(`^ {2}- ${name} .*: `, "m"));
    assert.ok(!stderr.includes("    at "));
  });

  test("check-config says that a configuration is valid, or what is wrong with it", async () => {
    assert.deepEqual([(await end(["check-config"])).code, (await end(["check-config"])).stdout], [0, "Configuration OK\n"]);
    const file = join(folder, "wrong.yaml");
    writeFileSync(file, "server:\n  prot: 9\n");
    const wrong = await end(["check-config", "--config", file, "--port", "99999"]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /2 problems/);
    assert.match(wrong.stderr, /did you mean `server\.port`/);
    const missing = await end(["check-config", "--config", join(folder, "missing.yaml")]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /cannot be read \(ENOENT\)/);
  });

  test("print-config shows what is in use and no secret", async () => {
    const { code, stdout } = await end(["print-config", "--port", "8123"], { API_KEY: "very-secret-key" });
    assert.equal(code, 0);
    assert.match(stdout, /port: 8123/);
    assert.ok(!stdout.includes("very-secret-key") && !stdout.includes("dev-secret-key"));
  });

  test("--help and --version respond, a wrong argument is exit code 2, of the process too", async () => {
    const help = await end(["--help"]);
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    assert.match(help.stdout, /^Usage: aivillage-gateway/);
    const version = await end(["--version"]);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    for (const args of [["strat"], ["--prot", "1"], ["start", "now"]]) {
      const wrong = await end(args);
      assert.equal(wrong.code, 2, args.join(" "));
      assert.match(wrong.stderr, /^aivillage-gateway: .*\nTry: aivillage-gateway .*--help\n$/);
    }
    const process = run(["strat"]);
    assert.equal(await process.exit, 2);
    assert.match(process.stderr, /^aivillage-gateway: unknown command `strat`/);
  });

  test("a keys file lets its keys in, with their scopes", async () => {
    await using twin = await startDownstream();
    const file = join(folder, "keys.yaml");
    // The digest of `test`.
    writeFileSync(
      file,
      "keys:\n  - id: partner\n    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n    scopes: [chat]\n",
    );
    const started = run(["start", "--port", "0"], { TWIN_URL: twin.url, API_KEYS_FILE: file });
    const url = await urlOf(started);
    const post = async (path: string, body: string): Promise<number> =>
      (await fetch(url + path, { method: "POST", headers: { authorization: "Bearer test", "content-type": "application/json" }, body }))
        .status;
    assert.equal(await post("/v1/chat", '{"message":"hello"}'), 200);
    assert.equal(await post("/v1/query", '{"query":"hello"}'), 403);
    started.child.kill("SIGTERM");
    assert.equal(await started.exit, 0);
    const wrong = await end(["start"], { API_KEYS_FILE: file.replace("keys", "nokeys") });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /The keys file .* cannot be read/);
  });
});
