import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";

import { listen, waitUntil } from "@aivillage/testing";

const cli = join(import.meta.dirname, "../src/cli.ts");

interface Cluster extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<number | null>;
  lines(message: string): Record<string, unknown>[];
  output(): string;
}

/** A port that was free a moment ago: workers that are started later must listen on the same one. */
async function freePort(): Promise<number> {
  const server = await listen((_req, res) => res.end());
  await server[Symbol.asyncDispose]();
  return Number(new URL(server.url).port);
}

async function startCluster(env: Record<string, string> = {}): Promise<Cluster> {
  const port = await freePort();
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", cli, "start"], {
    env: { PATH: process.env["PATH"] ?? "", GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: String(port), WORKERS: "2", ...env },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const lines = (message: string): Record<string, unknown>[] =>
    output
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === message);
  await waitUntil(() => lines("gateway listens").length >= Number(env["WORKERS"] ?? 2), `all workers listen`, 20_000);
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    ended,
    lines,
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Statuses of many requests, each on a connection of its own, so that they reach all workers. */
async function statuses(url: string, count: number): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const one = async (): Promise<void> => {
    const response = await fetch(url, { headers: { connection: "close" } });
    await response.arrayBuffer();
    found.set(response.status, (found.get(response.status) ?? 0) + 1);
  };
  await Promise.all(Array.from({ length: count }, one));
  return found;
}

describe("WORKERS", () => {
  test("share one limit: of 300 requests at once against a limit of 100 exactly 100 pass", async () => {
    await using cluster = await startCluster({ WORKERS: "3", RATE_LIMIT_REQUESTS: "100" });
    assert.deepEqual(Object.fromEntries(await statuses(cluster.url, 300)), { 200: 100, 429: 200 });
    const workers = new Set(cluster.lines("request completed").map(({ worker }) => worker));
    assert.ok(workers.size > 1, "several workers answered");
  });

  test("a worker that was killed is replaced, and what was counted stays counted", async () => {
    await using cluster = await startCluster({ RATE_LIMIT_REQUESTS: "20" });
    assert.equal((await statuses(cluster.url, 15)).get(200), 15);
    const [first] = cluster.lines("gateway listens");
    process.kill(Number(first?.["pid"]), "SIGKILL");
    await waitUntil(() => cluster.lines("gateway listens").length === 3, "another one listens", 20_000);
    assert.equal(cluster.lines("worker died")[0]?.["signal"], "SIGKILL");
    assert.deepEqual(Object.fromEntries(await statuses(cluster.url, 15)), { 200: 5, 429: 10 });
  });

  test("any of them answers a scrape for all, also for one that was replaced in between", async () => {
    await using cluster = await startCluster({ RATE_LIMIT_REQUESTS: "100000" });
    const livez = `${cluster.url}/livez`;
    await statuses(livez, 40);
    cluster.child.kill("SIGUSR2");
    await waitUntil(() => cluster.lines("workers replaced").length === 1, "all were replaced", 30_000);
    await statuses(livez, 30);
    for (let scrape = 0; scrape < 3; scrape += 1) {
      const text = await (await fetch(`${cluster.url}/metrics`, { headers: { connection: "close" } })).text();
      assert.match(text, /gateway_requests_total\{method="GET",endpoint="\/livez",status="200"\} 70/);
      assert.match(text, /gateway_build_info\{version="[^"]+"\} 1/);
    }
  });

  test("SIGTERM stops all in order with 0", async () => {
    await using cluster = await startCluster();
    cluster.child.kill("SIGTERM");
    assert.equal(await cluster.ended, 0);
    assert.equal(cluster.lines("gateway stopped").length, 2);
  });

  test("that cannot listen end with 1 and one reason, not in a loop", async () => {
    await using taken = await listen((_req, res) => res.end());
    const env = { PATH: process.env["PATH"] ?? "", GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: new URL(taken.url).port, WORKERS: "2" };
    const child = spawn(process.execPath, ["--conditions=@aivillage/source", cli, "start"], { env });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const code = await new Promise((resolve) => child.once("exit", resolve));
    assert.equal(code, 1);
    assert.match(errors, /EADDRINUSE/);
  });
});
