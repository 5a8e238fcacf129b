/**
 * What the gateway promises to do soon: refuse a revoked key in every worker, end although a collector of spans does not respond, and give
 * back the tokens that a budget holds for a waiting call when its client leaves.
 * Each is measured several times, beside how late a timer of one second is on this machine at the time. Ends with 1 when the median
 * is above the promise by more than that.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { endProcess, eventually } from "@aivillage/testing";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

import { loadConfig, startGateway } from "../src/index.ts";
import { keysFolder } from "../test/keys-support.ts";
import { writeTable } from "./support/table.ts";
import { startWaitingCall } from "./support/waiting-call.ts";

const repeats = 5;
const workerCount = 4;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

async function revocation(): Promise<number> {
  using keys = keysFolder();
  const { key, keyId } = await keys.create("ada");
  const program = join(import.meta.dirname, "../../api-key-auth/test/keys-file-worker.ts");
  const workers = Array.from({ length: workerCount }, () => fork(program, [keys.path], { execArgv: ["--conditions=@aivillage/source"] }));
  try {
    const ports = await Promise.all(workers.map(async (worker: ChildProcess) => Number((await once(worker, "message"))[0])));
    const isRefused = async (port: number): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${key}` } })).status === 401;
    await keys.run(["revoke", keyId]);
    return await timed(() =>
      eventually(async () => (await Promise.all(ports.map(isRefused))).every(Boolean), "every worker refuses the revoked key"),
    );
  } finally {
    await Promise.all(workers.map(endProcess));
  }
}

async function closing(): Promise<number> {
  const gateway = await startGateway(loadConfig({ env: { GATEWAY_PORT: "0", GATEWAY_HOST: "127.0.0.1", LOG_LEVEL: "ERROR" } }));
  await (await fetch(`${gateway.url}/livez`)).text();
  return await timed(() => gateway.close());
}

async function leaving(): Promise<number> {
  await using call = await startWaitingCall();
  return await timed(async () => {
    await call.leave();
    while ((await call.standing()).held > call.before.held);
  });
}

const silent = { export: () => undefined, shutdown: () => Promise.resolve() };
new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(silent)] }).register();

const promises = [
  { name: "a revoked key is refused by four workers", promisedMs: 1_000, measure: revocation },
  { name: "the gateway ends although the collector does not respond", promisedMs: 2_000, measure: closing },
  { name: "a waiting call that leaves gives back what its budget holds", promisedMs: 50, measure: leaving },
];
const rows: string[][] = [];
let broken = 0;
for (const { name, promisedMs, measure } of promises) {
  const [tookMs, lateMs]: [number[], number[]] = [[], []];
  for (let round = 0; round < repeats; round += 1) {
    lateMs.push((await timed(() => delay(1_000))) - 1_000);
    tookMs.push(await measure());
  }
  // A deadline that is kept is passed by the time that a timer is late and the work after it takes.
  const isKept = median(tookMs) <= promisedMs + median(lateMs) + (promisedMs < 1_000 ? 0 : 100);
  if (!isKept) broken += 1;
  rows.push([name, median(tookMs).toFixed(0), String(promisedMs), median(lateMs).toFixed(0), isKept ? "kept" : "BROKEN"]);
}
writeTable(["what", "median ms", "promised ms", "a timer is late by ms", "promise"], rows);
process.exit(broken === 0 ? 0 : 1);
