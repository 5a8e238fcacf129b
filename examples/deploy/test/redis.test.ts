import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { childEnv, eventually, freePort } from "@aivillage/testing";

import { kitFolder, readYaml } from "./kit.ts";
import { gatewayCommand, run, type RunningProcess } from "./running-gateway.ts";

interface Compose {
  services: { gateway: { environment: Record<string, string> }; redis: { command: string[]; healthcheck: { test: string[] } } };
}

const { gateway, redis } = (readYaml("compose.yaml") as Compose).services;
const installed = spawnSync("redis-server", ["--version"]).error === undefined;
const needsRedis = { skip: installed ? false : "redis-server is not installed: its part of compose.yaml was only read" };

/** What Redis replies to a command on the port, by the program that compose.yaml uses for its health check. */
function ask(port: number, args: readonly string[], env: Record<string, string> = {}): string {
  const [, client = ""] = redis.healthcheck.test;
  const { stdout, stderr } = spawnSync(client, ["-p", String(port), ...args], { encoding: "utf8", env: { ...process.env, ...env } });
  return stdout + stderr;
}

test("the Redis of the compose file counts for a gateway that has its password, over TLS, and for nobody else", needsRedis, async () => {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "aivillage-redis-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync(join(kitFolder, "make-secrets.sh"), [folder], { stdio: "pipe" });
  chmodSync(folder, 0o700);
  const port = await freePort();
  const here = (text: string): string => text.replace("/run/secrets", folder);
  const args = redis.command.map((text) => (text === "6379" ? String(port) : here(text)));
  const server: RunningProcess = stack.use(run({ command: "redis-server", args: [...args.slice(1), "--bind", "127.0.0.1"], cwd: folder }));
  await server.until(/Ready to accept connections/);

  const [, ...check] = redis.healthcheck.test.slice(1).map(here);
  assert.match(ask(port, check), /NOAUTH/, "it works, and wants a password");
  assert.doesNotMatch(ask(port, ["ping"]), /PONG/, "it speaks TLS only");
  const [, password = ""] = /requirepass (\w+)/.exec(readFileSync(join(folder, "redis_conf"), "utf8")) ?? [];
  const countKeys = (): number => Number(ask(port, [...check.slice(0, -1), "dbsize"], { REDISCLI_AUTH: password }).match(/\d+/)?.[0]);
  assert.equal(countKeys(), 0);

  const url = readFileSync(join(folder, "redis_url"), "utf8");
  writeFileSync(join(folder, "redis_url"), url.replace("redis:6379", `localhost:${port}`));
  const given = Object.entries(gateway.environment).map(([name, value]) => [name, here(value)]);
  const env = childEnv({ ...Object.fromEntries(given), GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0" });
  const started = stack.use(run({ ...gatewayCommand("start"), env }));
  await started.until(/gateway listens/);
  const listening = /"url":"([^"]+)"/.exec(started.output())?.[1] ?? assert.fail(started.output());
  await eventually(async () => {
    assert.equal((await fetch(listening)).status, 200);
    return countKeys() > 0;
  }, "a request is counted in Redis");
  assert.ok(!started.output().includes(password));
});
