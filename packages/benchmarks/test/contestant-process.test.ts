import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startContestant } from "../src/contestants/contestant-process.ts";
import type { Contestant, Surroundings } from "../src/contestants/contestant.ts";
import { contestants } from "../src/contestants/contestants.ts";
import { haproxyConfig, haproxyGuardConfig, modSecurityRules, nginxConfig, nginxGuardConfig } from "../src/contestants/proxy-configs.ts";

const surroundings: Omit<Surroundings, "port" | "folder"> = {
  upstream: 9,
  streaming: false,
  calls: false,
  accessLog: false,
  services: ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"],
};

function running(program: string): Contestant {
  return {
    id: "ours",
    label: "a small program",
    kind: "ours",
    cases: [],
    launch: ({ port }) => ({ command: process.execPath, args: ["-e", program], env: { PORT: String(port) } }),
  };
}

describe("a contestant", () => {
  test("is started, listens on the port it was given, and is gone after the stop", async () => {
    const server = running("require('http').createServer((q, s) => s.end('hello')).listen(process.env.PORT, '127.0.0.1')");
    const { pid, port, ...started } = await startContestant(server, surroundings);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "hello");
    await started.stop();
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });

  test("that ends before it listens is an error with its last words", async () => {
    await assert.rejects(startContestant(running("console.error('no such key'); process.exit(3)"), surroundings), /no such key/);
  });

  test("that is not there is an error", async () => {
    const missing: Contestant = { ...running(""), launch: () => ({ command: "/no/such/program", args: [], env: {} }) };
    await assert.rejects(startContestant(missing, surroundings), /ENOENT/);
  });

  test("gets nothing of the environment but PATH and its own settings", async () => {
    process.env["BENCH_TEST_SECRET"] = "x";
    const program =
      "if (process.env.BENCH_TEST_SECRET) process.exit(1); require('http').createServer().listen(process.env.PORT, '127.0.0.1')";
    await (await startContestant(running(program), surroundings)).stop();
    delete process.env["BENCH_TEST_SECRET"];
  });
});

describe("the contestants", () => {
  test("have names of their own, ours first", () => {
    const ids = contestants.map(({ id }) => id);
    assert.deepEqual([ids[0], new Set(ids).size], ["ours", ids.length]);
  });

  test("all get the same key, origin and upstream, and log all or none", () => {
    for (const accessLog of [true, false]) {
      const launched = contestants
        .filter(({ kind }) => kind !== "proxy" && kind !== "guard")
        .map(({ kind, launch }) => ({ kind, env: launch({ ...surroundings, accessLog, port: 1, folder: "/nowhere" }).env }));
      assert.equal(new Set(launched.map(({ env }) => env["API_KEY"])).size, 1);
      assert.equal(new Set(launched.map(({ env }) => env["ORIGIN"] ?? env["CORS_ORIGINS"])).size, 1);
      const logging = launched.map(({ env }) => env["ACCESS_LOG"] === "on" || env["LOG_LEVEL"] === "INFO");
      assert.deepEqual(new Set(logging), new Set([accessLog]));
    }
  });
});

describe("the proxies", () => {
  const wiring = { port: 8_001, upstream: 8_002, folder: "/a/folder" };

  test("run one worker, keep their connections and log nothing", () => {
    const nginx = nginxConfig({ ...wiring, streaming: false });
    for (const line of ["worker_processes 1;", "access_log off;", "keepalive 1024;", "listen 127.0.0.1:8001", "server 127.0.0.1:8002;"]) {
      assert.ok(nginx.includes(line), line);
    }
    assert.match(haproxyConfig(wiring), /nbthread 1[\s\S]*http-reuse always[\s\S]*bind 127\.0\.0\.1:8001[\s\S]*127\.0\.0\.1:8002/);
  });

  test("that guard check the key, the limit and write the headers; one inspects requests", () => {
    const nginx = nginxGuardConfig({ ...wiring, rules: "/a/rules" });
    for (const part of [
      /Bearer /,
      /return 401;/,
      /limit_req zone/,
      /add_header X-Content-Type-Options "nosniff"/,
      /modsecurity_rules_file \/a\/rules/,
    ]) {
      assert.match(nginx, part);
    }
    assert.match(haproxyGuardConfig(wiring), /http_req_rate[\s\S]*deny_status 401 unless[\s\S]*set-header X-Content-Type-Options/);
    assert.match(modSecurityRules("/a/folder"), /SecRuleEngine On[\s\S]*requestBodyProcessor=JSON[\s\S]*crs-setup\.conf/);
  });

  test("buffer unless streams are coming", () => {
    assert.ok(!nginxConfig({ ...wiring, streaming: false }).includes("buffering off"));
    assert.ok(nginxConfig({ ...wiring, streaming: true }).includes("proxy_buffering off;"));
  });
});
