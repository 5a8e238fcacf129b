import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { childEnv, eventually, readFromRoot } from "@aivillage/testing";

import { inSeconds, readEnvironmentFile, readKit, replaceAll, settingNames } from "./kit.ts";
import { gatewayCommand, run, type RunningProcess } from "./running-gateway.ts";

const unit = readKit("systemd/aivillage-gateway.service");
const given = readEnvironmentFile("systemd/aivillage-gateway.env");
const valueOf = (key: string): string => new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1] ?? assert.fail(`the unit has no ${key}`);

test("the environment file has only variables that the gateway reads", () => {
  const offered = [...readKit("systemd/aivillage-gateway.env").matchAll(/^#? ?([A-Z_]+)=/gm)].map(([, name = ""]) => name);
  assert.deepEqual(
    offered.filter((name) => name !== "NODE_ENV" && !settingNames.has(name)),
    [],
  );
});

test("systemd waits longer than the gateway drains", () => {
  const seconds = Number(given["DRAIN_DELAY"]) + Number(given["DRAIN_TIMEOUT"]);
  assert.ok(inSeconds(valueOf("TimeoutStopSec")) >= seconds + 10, "the gateway needs 5 s more for its workers");
});

test("the unit may write the folders that the documentation names for sockets, journals, logs and caches", () => {
  const folders: Readonly<Record<string, string>> = {
    "/run": "RuntimeDirectory",
    "/var/lib": "StateDirectory",
    "/var/log": "LogsDirectory",
    "/var/cache": "CacheDirectory",
  };
  const pages = ["docs/operations.md", "docs/configuration.md", "docs/troubleshooting.md"].map(readFromRoot).join("\n");
  const named = new Set([...pages.matchAll(/(\/run|\/var\/\w+)\/(aivillage[\w-]*)/g)].map(([, root = "", name = ""]) => `${root} ${name}`));
  assert.ok(named.size >= 4);
  for (const each of named) {
    const [root = "", name] = each.split(" ");
    assert.equal(valueOf(folders[root] ?? root), name, each);
  }
});

const missing = ["systemd-notify", "python3"].filter((program) => spawnSync(program, ["--version"]).error !== undefined);
const needsNotify = { skip: missing.length === 0 ? false : `${missing.join(" and ")} not installed: the unit was only read` };

/** Prints what is sent to the datagram socket at a path, which Node cannot open. */
const receiver = `
import socket, sys
receiving = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiving.bind(sys.argv[1])
print("bound", flush=True)
while True: print(receiving.recv(4096).decode(), flush=True)
`;

test("systemd is notified that the gateway is ready when all its workers listen, and not before", needsNotify, async () => {
  assert.deepEqual([valueOf("Type"), valueOf("NotifyAccess")], ["notify", "all"]);
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "aivillage-notify-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, "notify");
  const systemd = stack.use(run({ command: "python3", args: ["-c", receiver, socket] }));
  await systemd.until(/bound/);
  const { gateway } = stack.use(await startedAsUnit({ NOTIFY_SOCKET: socket }));
  await systemd.until(/^READY=1$/m);
  assert.equal(gateway.output().split('"gateway listens"').length - 1, Number(given["WORKERS"]));
  assert.doesNotMatch(gateway.output(), /systemd not notified/);
});

test("the gateway of the unit starts, reloads, replaces its workers and stops as the unit asks it to", async () => {
  await using files = await startedAsUnit();
  const { gateway, url } = files;
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  const askedFor = { SIGHUP: /^\/bin\/kill -HUP \$MAINPID$/.test(valueOf("ExecReload")), SIGTERM: valueOf("KillSignal") === "SIGTERM" };
  assert.deepEqual(askedFor, { SIGHUP: true, SIGTERM: true });

  gateway.child.kill("SIGHUP");
  await untilEachWorker(gateway, "configuration reloaded");
  const replacements = () => [...gateway.output().matchAll(/"replaced":(\d).*"workers replaced"/g)].map(([, count]) => Number(count));
  // On a busy machine a new worker may take longer to listen than it is given: the next signal tries again.
  do {
    const before = replacements().length;
    gateway.child.kill("SIGUSR2");
    await eventually(() => replacements().length > before, "the workers are replaced, or one did not listen");
  } while (replacements().at(-1) !== Number(given["WORKERS"]));
  assert.equal((await fetch(`${url}/livez`)).status, 200);

  gateway.child.kill("SIGTERM");
  assert.equal(await gateway.ended, 0);
});

/** The gateway with the settings of the environment file, except ports and the location of the secrets. */
async function startedAsUnit(extra: Record<string, string> = {}) {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "aivillage-unit-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["api_key", "secret_key"])
    await writeFile(join(folder, name), `${randomBytes(32).toString("hex")}\n`, { mode: 0o640 });
  const settings = Object.entries(given).map(([name, value]) => [name, value.replace("/etc/aivillage", folder)]);
  const env = childEnv({ ...Object.fromEntries(settings), GATEWAY_PORT: "0", ...extra });
  const gateway = stack.use(run({ ...gatewayCommand(...valueOf("ExecStart").split("cli.js ").slice(1)), env }));
  await untilEachWorker(gateway, "gateway listens");
  const url = /"url":"([^"]+)"/.exec(gateway.output())?.[1] ?? "";
  const owned = stack.move();
  return { gateway, url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The primary reloads too, so its lines must not count. */
async function untilEachWorker(gateway: RunningProcess, message: string): Promise<void> {
  const line = new RegExp(`"worker":(\\d+)[^\\n]*"${message}"`, "g");
  const workers = () => new Set([...gateway.output().matchAll(line)].map(([, worker]) => worker));
  await eventually(() => workers().size >= Number(given["WORKERS"]), `each worker logs: ${message}`, { state: workers });
}

const skip = spawnSync("systemd-analyze", ["--version"]).error === undefined ? false : "systemd is not installed: the unit was only read";

describe("systemd", { skip }, () => {
  test("accepts the unit, and finds little that it may do", async () => {
    const folder = await mkdtemp(join(tmpdir(), "aivillage-unit-"));
    const file = join(folder, "aivillage-gateway.service");
    // The program that the unit names is not here; this Node is.
    await writeFile(file, replaceAll(unit, { "/usr/bin/node": process.execPath }));
    const verified = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
    assert.deepEqual([verified.status, verified.stderr], [0, ""]);
    // From 0, nothing, to 100, everything; systemd counts below 30 as "OK".
    const rated = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", file], { encoding: "utf8" });
    await rm(folder, { recursive: true });
    assert.equal(rated.status, 0, rated.stdout.slice(-200));
  });
});
