// What tracing costs: CPU time of a query through the gateway without an SDK, with an SDK that records nothing, and with one that records
// all. Each round is a process of its own, because a provider is registered for good. The client and the service run in the process
// too and cost the same in all of them, so the differences are what counts.
import { spawnSync } from "node:child_process";
import { request, Agent } from "node:http";
import { fileURLToPath } from "node:url";

import { startDownstream } from "@aivillage/testing";
import { trace } from "@opentelemetry/api";
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

import { loadConfig, startGateway } from "../src/index.ts";

const modes = ["no SDK", "SDK, nothing sampled", "SDK, all sampled"] as const;
const rounds = 5;
const warmUp = 3_000;
const counted = 12_000;
const inFlight = 16;
const apiKey = "bench-key-0123456789";

function register(mode: string): void {
  if (mode === "no SDK") return;
  const sampler = mode === "SDK, all sampled" ? new AlwaysOnSampler() : new AlwaysOffSampler();
  const exporter = { export: (_spans: unknown, done: (result: { code: 0 }) => void) => done({ code: 0 }), shutdown: async () => undefined };
  trace.setGlobalTracerProvider(new NodeTracerProvider({ sampler, spanProcessors: [new BatchSpanProcessor(exporter)] }));
}

function query(url: string, agent: Agent): Promise<void> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${apiKey}` };
  return new Promise((resolve, reject) => {
    request(`${url}/v1/query`, { method: "POST", agent, headers }, (response) => response.resume().on("end", resolve))
      .on("error", reject)
      .end('{"query":"What is the capital of France?"}');
  });
}

/** CPU microseconds for each query. */
async function measure(mode: string): Promise<number> {
  register(mode);
  await using service = await startDownstream();
  const env = { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", API_KEY: apiKey, RATE_LIMIT_REQUESTS: "1000000" };
  const ignore = { debug() {}, info() {}, warn() {}, error() {} };
  const gateway = await startGateway(loadConfig({ env: { ...env, AGENT_CONTROLLER_URL: service.url } }), { logger: ignore });
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const run = async (queries: number): Promise<void> => {
    let left = queries;
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while ((left -= 1) >= 0) await query(gateway.url, agent);
      }),
    );
  };
  await run(warmUp);
  const before = process.cpuUsage();
  await run(counted);
  const { user, system } = process.cpuUsage(before);
  agent.destroy();
  await gateway.close();
  return (user + system) / counted;
}

function measureApart(mode: string): number {
  const run = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), mode], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return Number(run.stdout);
}

const [, , mode] = process.argv;
if (mode === undefined) {
  const results = new Map<string, number[]>(modes.map((each) => [each, []]));
  for (let round = 0; round < rounds; round += 1) for (const each of modes) results.get(each)?.push(measureApart(each));
  for (const [each, values] of results) {
    const sorted = values.toSorted((a, b) => a - b);
    const [least = 0, median = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)]];
    process.stdout.write(`${each.padEnd(22)} median ${median.toFixed(1)} us, least ${least.toFixed(1)} us of CPU for each query\n`);
  }
} else {
  process.stdout.write(String(await measure(mode)));
}
