import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { childEnv } from "@aivillage/testing";

const cli = join(import.meta.dirname, "../src/cli/main.ts");

const run = (command: string, env: Record<string, string>) =>
  spawnSync(process.execPath, ["--conditions=@aivillage/source", cli, command], {
    env: childEnv(env),
    encoding: "utf8",
    timeout: 30_000,
  });

for (const workers of ["1", "2"]) {
  test(`a host that has no address is told in lines with the remedy and without a stack, WORKERS=${workers}`, () => {
    const { status, stderr } = run("start", { GATEWAY_HOST: "nosuch.invalid", GATEWAY_PORT: "0", WORKERS: workers });
    assert.equal(status, 1);
    assert.match(stderr, /^aivillage-gateway: getaddrinfo E\w+ nosuch\.invalid: set GATEWAY_HOST to an address of this machine/);
    assert.ok(!stderr.includes("    at "), stderr);
  });
}

test("default keys outside development are warned of, and a name that means production refuses them", () => {
  const staging = run("check-config", { ENVIRONMENT: "staging" });
  assert.deepEqual([staging.status, staging.stdout], [0, "Configuration OK\n"]);
  assert.match(staging.stderr, /^aivillage-gateway: WARN: API_KEY is the public development key .*\n.*SECRET_KEY/);
  const development = run("check-config", { GATEWAY_HOST: "127.0.0.1" });
  assert.deepEqual([development.status, development.stderr], [0, ""]);
  const prod = run("check-config", { ENVIRONMENT: "PROD" });
  assert.equal(prod.status, 1);
  assert.match(prod.stderr, /API_KEY is the public development key in production/);
});

test("a bad Redis URL is a fault of the configuration and not shown", () => {
  const { status, stderr } = run("start", { REDIS_URL: "redis://:pa%zzword@h" });
  assert.equal(status, 1);
  assert.match(stderr, /^aivillage-gateway: The configuration has 1 fault:\n {2}- REDIS_URL .*percent-encode/);
  assert.ok(!stderr.includes("zzword") && !stderr.includes("    at "));
});

test("check-config ends by itself when it has looked at a Redis URL", () => {
  const { status, stdout } = run("check-config", { REDIS_URL: "redis://:password@redis.invalid:6379/0" });
  assert.deepEqual([status, stdout], [0, "Configuration OK\n"]);
});
