import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { eventually, freePort } from "@aivillage/testing";

import { adminFiles } from "./admin-support.ts";
import { cli } from "./cli-support.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

describe("status", () => {
  test("prints processes, services and replicas of the running gateway as tables or as JSON", async () => {
    using files = await adminFiles();
    await using gateway = await startTestGateway(files.env);
    const shown = await cli(["status"], { env: files.env });
    assert.deepEqual([shown.code, shown.stderr], [0, ""]);
    assert.match(shown.stdout, /^AIVillage Gateway \d+\.\d+\.\d+ in development, up \d/);
    assert.match(shown.stdout, new RegExp(`^${process.pid} +\\d+ \\w+`, "m"));
    assert.match(shown.stdout, new RegExp(`^twin +\\w+ +closed +${gateway.twin.url} `, "m"));
    assert.doesNotMatch(shown.stdout, /^LIMIT /m, "nothing limits the concurrency");
    const { stdout } = await cli(["status", "--json"], { env: files.env });
    assert.equal((JSON.parse(stdout) as { processes: { pid: number }[] }).processes[0]?.pid, process.pid);
  });

  test("shows slots and queues", async () => {
    using files = await adminFiles();
    const route = { path: "/v1/chat", concurrency: { max: 2, perKey: 1 } };
    await using gateway = await startTestGateway({
      ...files.env,
      CONFIG_FILE: configFile({ routes: [route] }),
      MAX_CONCURRENT_PER_KEY: "9",
    });
    gateway.twin.script = { sse: { events: Array.from({ length: 1_000 }, () => "x"), everyMs: 50 } };
    const running = await gateway.post("/v1/chat", { message: "hello" });
    const leaving = new AbortController();
    const { url, authorization } = gateway;
    const headers = { ...authorization, "content-type": "application/json" };
    const waiting = fetch(`${url}/v1/chat`, { method: "POST", headers, body: '{"message":"hello"}', signal: leaving.signal });
    const shown = await eventually(async () => {
      const { stdout } = await cli(["status"], { env: { ...files.env, CONFIG_FILE: configFile({ routes: [route] }) } });
      return /^twin\.key +1 +1 /m.test(stdout) ? stdout : undefined;
    }, "the second request waits");
    leaving.abort();
    await assert.rejects(waiting, { name: "AbortError" });
    await running.body?.cancel();
    assert.match(String(shown), /^LIMIT +IN PROGRESS +WAITING +SLOTS *$/m);
    assert.match(String(shown), /^key +1 +1 +by key *$/m);
    assert.match(String(shown), /^twin +1 +1 +2 *$/m);
  });

  test("asks the running gateway also when its file is refused now, and says so", async () => {
    using files = await adminFiles();
    await using _ = await startTestGateway(files.env);
    const admin = { socket: files.env.ADMIN_SOCKET };
    for (const wrong of [{ rateLimit: { requests: 0 } }, { bogus: 1 }, { routes: [{ path: "/a" }] }]) {
      const { code, stdout, stderr } = await cli(["status"], { env: { CONFIG_FILE: configFile({ admin, ...wrong }) } });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^AIVillage Gateway /);
      assert.match(stderr, /^aivillage-gateway: the configuration is not valid now, .*: run check-config\n$/);
    }
    for (const wrong of ["admin: { port: x }", "admin: ["]) {
      const { code, stderr } = await cli(["status"], { env: { CONFIG_FILE: configFile(wrong) } });
      assert.equal(code, 1);
      assert.match(stderr, /^aivillage-gateway: The configuration has 1 problem:/);
    }
  });

  test("says what to do when there is no admin listener, when nobody listens, and when a key is missing", async () => {
    using files = await adminFiles();
    const none = await cli(["status"]);
    assert.deepEqual([none.code, none.stderr.includes("set ADMIN_PORT or ADMIN_SOCKET")], [1, true]);
    const away = await cli(["status"], { env: files.env });
    assert.deepEqual([away.code, away.stderr.includes("check that the gateway runs")], [1, true]);
    const env = { ADMIN_HOST: "0.0.0.0", ADMIN_PORT: String(await freePort()), API_KEYS_FILE: files.env.API_KEYS_FILE };
    await using _ = await startTestGateway(env);
    const refused = await cli(["status"], { env });
    assert.deepEqual([refused.code, refused.stderr.includes("401: give --key-file FILE")], [1, true]);
    const keyFile = `${files.env.API_KEYS_FILE}.key`;
    writeFileSync(keyFile, `${files.adminKey}\n`);
    assert.equal((await cli(["status", "--key-file", keyFile], { env })).code, 0);
  });
});
