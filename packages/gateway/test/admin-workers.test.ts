import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { type GatewayProcess, startGatewayProcess } from "../bench/support/gateway-process.ts";
import { adminFiles, askAdmin } from "./admin-support.ts";

/** Sends requests on connections of their own, so that they reach all workers. */
async function send({ url }: GatewayProcess, count: number, authorization = ""): Promise<number[]> {
  const one = async (): Promise<number> => {
    const response = await fetch(url, { headers: { connection: "close", ...(authorization !== "" && { authorization }) } });
    await response.arrayBuffer();
    return response.status;
  };
  return await Promise.all(Array.from({ length: count }, one));
}

for (const workers of [1, 2]) {
  test(`with ${workers} ${workers === 1 ? "process" : "workers"} the admin listener shows and changes all of them`, async () => {
    using files = await adminFiles();
    await using gateway = await startGatewayProcess({ env: { ...files.env, WORKERS: String(workers) } });
    const asOps = { key: files.adminKey };
    const { json: status } = await askAdmin(files.address, "/status");
    assert.equal(status.processes.length, workers);
    assert.equal(new Set(status.processes.map(({ pid }: { pid: number }) => pid)).size, workers);

    assert.deepEqual(new Set(await send(gateway, 20)), new Set([200]));
    assert.match((await askAdmin(files.address, "/metrics")).text, /gateway_requests_total\{method="GET",endpoint="\/",status="200"\} 20/);

    assert.deepEqual((await askAdmin(files.address, "/log-level")).json, { level: "INFO" });
    assert.equal(gateway.lines("rate limit decided").length, 0);
    assert.equal((await askAdmin(files.address, "/log-level", { ...asOps, method: "PUT", body: { level: "debug" } })).status, 200);
    await send(gateway, 20);
    await gateway.told("rate limit decided", 20);
    const told = new Set(gateway.lines("rate limit decided").map(({ worker }) => worker));
    assert.equal(told.size, workers, "every process logs its decisions");
    assert.equal((await askAdmin(files.address, "/log-level", { ...asOps, method: "PUT", body: { level: "ERROR" } })).status, 200);
    await gateway.told("admin action", 2);
    assert.deepEqual(
      gateway.lines("admin action").map(({ from, to, principal, result }) => [from, to, principal, result]),
      [
        ["INFO", "DEBUG", "key:ops", "done"],
        ["DEBUG", "ERROR", "key:ops", "done"],
      ],
    );

    for (let guess = 0; guess < 11; guess += 1) await send(gateway, 1, `Bearer guess-${guess}`);
    await eventually(async () => (await askAdmin(files.address, "/penalties")).json.penalties.length === 1, "the client is penalised");
    const { cleared } = (await askAdmin(files.address, "/penalties/127.0.0.1", { ...asOps, method: "DELETE" })).json;
    assert.deepEqual(cleared, ["127.0.0.1"]);
    assert.deepEqual((await askAdmin(files.address, "/penalties")).json, { penalties: [] });
    gateway.child.kill("SIGTERM");
    assert.equal(await gateway.ended, 0);
  });
}

test("a worker that hangs is named with its process at most every ten seconds, and the others respond", async () => {
  using files = await adminFiles();
  await using gateway = await startGatewayProcess({ env: { ...files.env, WORKERS: "2" } });
  const { processes } = (await askAdmin(files.address, "/status")).json;
  const pid: number = processes[0].pid;
  process.kill(pid, "SIGSTOP");
  try {
    for (let asked = 0; asked < 3; asked += 1) {
      assert.equal((await askAdmin(files.address, "/status")).json.silent_processes, 1);
    }
  } finally {
    process.kill(pid, "SIGKILL");
  }
  const failed = gateway.lines("worker call failed").filter(({ call }) => call === "report");
  const [first] = failed;
  assert.deepEqual([first?.["pid"], first?.["reason"], first?.["failures"]], [pid, "no response within 2000 ms", 1]);
  assert.ok(failed.length < 3, "of three failures in six seconds one is logged, on a slow machine two");
});

test("a worker that starts later has the log level and the draining replicas of the others", async () => {
  using files = await adminFiles();
  const env = { ...files.env, WORKERS: "2", TWIN_URL: "http://127.0.0.1:1,http://127.0.0.1:2", HEALTH_CHECK_INTERVAL: "0" };
  await using _ = await startGatewayProcess({ env });
  const asOps = { key: files.adminKey };
  await askAdmin(files.address, "/log-level", { ...asOps, method: "PUT", body: { level: "WARN" } });
  assert.equal((await askAdmin(files.address, "/drain/127.0.0.1:1", { ...asOps, method: "POST" })).json.draining, true);
  const pids = async (): Promise<number[]> =>
    (await askAdmin(files.address, "/status")).json.processes.map(({ pid }: { pid: number }) => pid);
  const before = await pids();
  process.kill(before[0] ?? 0, "SIGKILL");
  const isReplaced = async (): Promise<boolean> => {
    const now = await pids();
    return now.length === 2 && !now.includes(before[0] ?? 0);
  };
  await eventually(isReplaced, "another worker serves");
  const { processes, services } = (await askAdmin(files.address, "/status")).json;
  assert.deepEqual(new Set(processes.map(({ log_level: level }: Record<string, unknown>) => level)), new Set(["warn"]));
  assert.deepEqual(
    services.twin.replicas.map(({ draining }: Record<string, unknown>) => draining),
    [true, false],
  );
});

test("a socket that a killed process left behind is taken over", async () => {
  using files = await adminFiles();
  {
    await using _ = await startGatewayProcess({ env: files.env });
  }
  await using _ = await startGatewayProcess({ env: files.env });
  assert.equal((await askAdmin(files.address, "/status")).status, 200);
});
