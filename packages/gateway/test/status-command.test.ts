import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { freePort } from "@aivillage/testing";

import { adminFiles } from "./admin-support.ts";
import { cli } from "./cli-support.ts";
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
    const { stdout } = await cli(["status", "--json"], { env: files.env });
    assert.equal((JSON.parse(stdout) as { processes: { pid: number }[] }).processes[0]?.pid, process.pid);
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
