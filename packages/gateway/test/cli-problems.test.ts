import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { childEnv, gatewayProgram, hangAfterMs, temporaryFile } from "@aivillage/testing";

import { cli } from "./cli-support.ts";
import { configFile } from "./config-support.ts";

const daily = { name: "daily", unit: "tokens", limit: 1_000, period: "day" };

function assertNamesHost({ code, stderr }: { readonly code: number | null; readonly stderr: string }): void {
  assert.equal(code, 1);
  assert.match(stderr, /^aivillage-gateway: getaddrinfo E\w+ nosuch\.invalid: set GATEWAY_HOST to an address of this machine/);
  assert.ok(!stderr.includes("    at "), stderr);
}

/** `start` in a process, which must end by itself. */
function startProcess(env: Readonly<Record<string, string>>): { readonly code: number | null; readonly stderr: string } {
  const options = { env: childEnv(env), encoding: "utf8", timeout: hangAfterMs } as const;
  const { status, stderr } = spawnSync(process.execPath, ["--conditions=@aivillage/source", gatewayProgram(), "start"], options);
  return { code: status, stderr };
}

const noSuchHost = { GATEWAY_HOST: "nosuch.invalid", GATEWAY_PORT: "0" };

test("a host without an address is reported in lines with the remedy and without a stack", async () => {
  assertNamesHost(await cli(["start"], { env: noSuchHost }));
});

test("a configuration that is refused for want of a variable comes with the variable that looks like it", async () => {
  const env = { ENVIRONMENT: "production", API_KEY_FIEL: "/run/secrets/api-key" };
  for (const command of ["check-config", "start"]) {
    const { code, stderr } = await cli([command], { env });
    assert.equal(code, 1);
    assert.match(stderr, /^aivillage-gateway: The variable API_KEY_FIEL is unknown and ignored: did you mean API_KEY_FILE\?\n/);
    assert.match(stderr, /API_KEY is the public development key/);
  }
});

// Workers are processes, and what they print is theirs.
test("a host without an address is reported by workers too", () => {
  assertNamesHost(startProcess({ ...noSuchHost, WORKERS: "2" }));
});

/** A process that starts and cannot listen. */
const startsIn = { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0" };

test("a journal that cannot be used is a problem of the configuration, not of the command line", async () => {
  using file = temporaryFile("budgets");
  writeFileSync(file.path, "no journal\n");
  const damaged = { ...startsIn, BUDGET_JOURNAL: file.path, CONFIG_FILE: configFile({ budgets: { limits: [daily] } }) };
  const folder = { ...damaged, BUDGET_JOURNAL: "/nonexistent/budgets" };
  // The primary of workers opens it in its own way.
  for (const started of [await cli(["start"], { env: damaged }), startProcess({ ...damaged, WORKERS: "2" })]) {
    assert.equal(started.code, 1, started.stderr);
    assert.match(started.stderr, /^aivillage-gateway: The configuration has 1 problem:\n {2}- BUDGET_JOURNAL: .* it is not a journal/);
  }
  const { code, stderr } = await cli(["check-config"], { env: folder });
  assert.equal(code, 1);
  assert.match(stderr, /- BUDGET_JOURNAL \/nonexistent\/budgets: there is no folder \/nonexistent: create it/);
});

test("an address that cannot be had is reported with the setting that names it", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const port = String((taken.address() as AddressInfo).port);
  const cases: readonly (readonly [env: Record<string, string>, stderr: RegExp])[] = [
    [{ GATEWAY_PORT: port }, /EADDRINUSE.*: another process listens there: stop it, or set GATEWAY_PORT\n$/],
    [{ ADMIN_PORT: port }, /EADDRINUSE.*: another process listens there: stop it, or set ADMIN_PORT\n$/],
    [{ GATEWAY_HOST: "203.0.113.7" }, /EADDRNOTAVAIL.*: set GATEWAY_HOST to an address of this machine, such as 0\.0\.0\.0\n$/],
    [{ ADMIN_SOCKET: "/nonexistent/admin.sock" }, /: set ADMIN_SOCKET to a path in a folder that exists and that this user may write\n$/],
  ];
  try {
    for (const [env, expected] of cases) {
      const { code, stderr } = await cli(["start"], { env: { ...startsIn, ...env } });
      assert.equal(code, 1);
      assert.match(stderr, expected);
    }
  } finally {
    taken.close();
  }
});

test("another user learns who may open the admin listener", { skip: process.platform === "win32" }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-admin-"));
  const env = childEnv({ ADMIN_SOCKET: join(folder, "admin.sock") });
  // Root may open every folder.
  const as = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  chmodSync(folder, 0);
  const args = ["--conditions=@aivillage/source", gatewayProgram(), "status"];
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8", timeout: hangAfterMs, ...as });
  rmSync(folder, { recursive: true });
  assert.equal(status, 1);
  assert.match(stderr, /this user may not open the admin listener at .*: run the command as the user of the gateway, or as root/);
});

test("default keys outside development are warned of, and a name that means production refuses them", async () => {
  const staging = await cli(["check-config"], { env: { ENVIRONMENT: "staging" } });
  assert.deepEqual([staging.code, staging.stdout], [0, "Configuration OK\n"]);
  assert.match(staging.stderr, /^aivillage-gateway: WARN: API_KEY is the public development key .*\n.*SECRET_KEY/);
  const development = await cli(["check-config"], { env: { GATEWAY_HOST: "127.0.0.1" } });
  assert.deepEqual([development.code, development.stderr], [0, ""]);
  const prod = await cli(["check-config"], { env: { ENVIRONMENT: "PROD" } });
  assert.equal(prod.code, 1);
  assert.match(prod.stderr, /API_KEY is the public development key in production/);
});

test("a bad Redis URL is a configuration error and its value is not shown", async () => {
  const { code, stderr } = await cli(["start"], { env: { REDIS_URL: "redis://:pa%zzword@h" } });
  assert.equal(code, 1);
  assert.match(stderr, /^aivillage-gateway: The configuration has 1 problem:\n {2}- REDIS_URL .*percent-encode/);
  assert.ok(!stderr.includes("zzword") && !stderr.includes("    at "));
});

// Only the end of a process shows that nothing is left that keeps it alive.
test("check-config ends by itself when it has looked at a Redis URL", () => {
  const env = childEnv({ REDIS_URL: "redis://:password@redis.invalid:6379/0" });
  const options = { env, encoding: "utf8", timeout: hangAfterMs } as const;
  const { status, stdout } = spawnSync(process.execPath, ["--conditions=@aivillage/source", gatewayProgram(), "check-config"], options);
  assert.deepEqual([status, stdout], [0, "Configuration OK\n"]);
});

test("a misspelt command, option or argument is exit code 2, with the nearest name and the help that lists them", async () => {
  const wrong: readonly (readonly [args: string[], stderr: RegExp])[] = [
    [["strat"], /^aivillage-gateway: unknown command `strat`: did you mean start\?\nTry: aivillage-gateway --help\n$/],
    [["keyz"], /^aivillage-gateway: unknown command `keyz`: did you mean keys\?\n/],
    [["frobnicate"], /^aivillage-gateway: unknown command `frobnicate`: expected start, demo, .*, penalties, budgets, audit\n/],
    [["--prot", "1"], /^aivillage-gateway: unknown option `--prot`: did you mean --port\?\nTry: aivillage-gateway start --help\n$/],
    [["start", "now"], /^aivillage-gateway: too many arguments for 'start': expected 0 arguments but got 1\nTry: /],
    [
      ["check-config", "--config"],
      /^aivillage-gateway: option '--config <file>' argument missing\nTry: aivillage-gateway check-config --help\n/,
    ],
    [["keys"], /^aivillage-gateway keys: expected a command: create, list, revoke, rotate, verify\nTry: aivillage-gateway keys --help\n$/],
    [["keys", "creat", "x"], /^aivillage-gateway keys: unknown command `creat`: did you mean create\?\n/],
    [["keys", "rotate", "x", "--overlp", "1h"], /^aivillage-gateway keys: unknown option `--overlp`: did you mean --overlap\?\n/],
    [["penalties", "clera"], /^aivillage-gateway penalties: unknown command `clera`: did you mean clear\?\n/],
  ];
  for (const [args, stderr] of wrong) {
    const ended = await cli(args);
    assert.deepEqual([ended.code, ended.stdout], [2, ""], args.join(" "));
    assert.match(ended.stderr, stderr);
  }
});

test("each command has its own help", async () => {
  const helps = [
    [],
    ["start"],
    ["check-config"],
    ["print-config"],
    ["schema"],
    ["status"],
    ["keys"],
    ["penalties"],
    ["audit"],
    ["audit", "verify"],
  ];
  const ofKeys = ["create", "list", "revoke", "rotate", "verify"].map((command) => ["keys", command]);
  const ofPenalties = ["list", "clear"].map((command) => ["penalties", command]);
  for (const path of [...helps, ...ofKeys, ...ofPenalties]) {
    const { code, stdout, stderr } = await cli([...path, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.startsWith(`Usage: ${["aivillage-gateway", ...path].join(" ")} `), stdout);
  }
});

test("what may be a key on a wrong command line is not repeated", async () => {
  const key = "aiv_k3J9dE7xQ2pL.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V0MyWQQ";
  for (const args of [[], ["list"], ["verify"], ["create"], ["create", "ada"], ["revoke", "ada"], [`--key=${key}`], ["list", `--${key}`]]) {
    const { code, stdout, stderr } = await cli(["keys", ...args, key, "--file", "/nowhere/keys.yaml"]);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.ok(!stderr.includes("k3J9"), stderr);
  }
});

test("a reader that has seen enough of the output, and a full disk, give no stack", () => {
  const run = (command: string) => {
    const args = `${process.execPath} --conditions=@aivillage/source ${gatewayProgram()}`;
    const options = { env: childEnv({}), encoding: "utf8", timeout: hangAfterMs } as const;
    return spawnSync("sh", ["-c", command.replace("GATEWAY", args)], options);
  };
  assert.equal(run("GATEWAY schema | true").stderr, "");
  const full = run("GATEWAY schema > /dev/full");
  assert.deepEqual([full.status, full.stderr], [1, "aivillage-gateway: standard output cannot be written (ENOSPC)\n"]);
});
