/**
 * Clients that send or read slowly, 400 and 1,000 at a time, from slowhttptest where that is installed and from our own program:
 * how long the gateway keeps them, and what normal requests notice. Ends with 1 when a promise is broken.
 * `node bench/slow-clients.bench.ts [part of the names]`
 */
import { spawn, spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

import { untilClosed } from "@aivillage/testing";

import { apiKey, type GatewayProcess, startGatewayProcess } from "./support/gateway-process.ts";
import { startService } from "./support/service.ts";
import { openSlowConnections, slowReaders, slowSenders } from "./support/slow-connections.ts";
import { startLoad } from "./support/steady-load.ts";
import { writeTable } from "./support/table.ts";

const loadConnections = 20;
/** So much more than without slow clients in the same minute. */
const maxMoreP99Ms = 200;
const attempts = 3;
const [only = ""] = process.argv.slice(2);
const rows: string[][] = [];
let broken = 0;

/** Normal requests for a moment without any slow client, on this machine at this time. */
async function baseline(gateway: GatewayProcess): Promise<number> {
  const load = startLoad({ target: () => gateway.url, connections: loadConnections, perSecond: 200 });
  await delay(2_000);
  return (await load.stop()).p99Ms;
}

async function once(gateway: GatewayProcess, withinMs: number, open: () => () => void) {
  const usualMs = await baseline(gateway);
  const load = startLoad({ target: () => gateway.url, connections: loadConnections, perSecond: 200 });
  const end = open();
  const { most, tookMs } = await untilClosed(gateway.port, loadConnections, withinMs + 40_000);
  end();
  const { failures, p99Ms } = await load.stop();
  const isKept = tookMs <= withinMs && p99Ms < usualMs + maxMoreP99Ms && failures.length === 0;
  return { most, seconds: (tookMs / 1_000).toFixed(1), usualMs, p99Ms, failures, isKept };
}

/** A promise is broken when no attempt keeps it: one may fall into a moment in which the machine has other work. */
async function measure(name: string, gateway: GatewayProcess, withinMs: number, open: () => () => void): Promise<void> {
  if (!name.includes(only)) return;
  let result = await once(gateway, withinMs, open);
  for (let attempt = 1; attempt < attempts && !result.isKept; attempt += 1) result = await once(gateway, withinMs, open);
  const { most, seconds, usualMs, p99Ms, failures, isKept } = result;
  if (!isKept) broken += 1;
  const p99 = `${p99Ms.toFixed(0)} (${usualMs.toFixed(0)})`;
  rows.push([name, String(most), seconds, String(withinMs / 1_000), p99, String(failures.length), isKept ? "kept" : "BROKEN"]);
  process.stdout.write(`${name}: ${most} connections, ${seconds} s\n`);
}

/** Its option for the accepted type carries the key as well: it has none for fields of one's own. */
function slowHttpTest(gateway: GatewayProcess, count: number, path: string, args: readonly string[]) {
  const common = ["-c", String(count), "-r", "1000", "-l", "70", "-i", "10", "-v", "0", "-u", gateway.url + path];
  return (): (() => void) => {
    const child = spawn("slowhttptest", [...common, "-m", `*/*\r\nAuthorization: Bearer ${apiKey}`, ...args], { stdio: "ignore" });
    return () => child.kill("SIGKILL");
  };
}

await using service = await startService();
const env = { TWIN_URL: service.url, AGENT_CONTROLLER_URL: service.url, KNOWLEDGE_SYSTEM_URL: service.url };
await using gateway = await startGatewayProcess({ env });
const hasTool = spawnSync("slowhttptest", ["-h"]).error === undefined;
if (!hasTool) process.stdout.write("slowhttptest is not installed: only our own slow clients are measured\n");

for (const count of hasTool ? [400, 1_000] : []) {
  const tool = (path: string, ...args: string[]) => slowHttpTest(gateway, count, path, args);
  const bundle = "/docs/swagger-ui-bundle.js";
  await measure("slowhttptest -H", gateway, 20_000, tool("/", "-H"));
  await measure("slowhttptest -B /v1/query", gateway, 30_000, tool("/v1/query", "-B", "-f", "application/json", "-s", "8192"));
  await measure("slowhttptest -X", gateway, 30_000, tool(bundle, "-X", "-w", "1", "-y", "512", "-n", "5", "-z", "32", "-k", "3"));
}
for (const kind of slowSenders) {
  await measure(kind.name, gateway, kind.name.includes("body") ? 30_000 : 20_000, () => openSlowConnections(gateway.port, kind, 400));
}
// Few, since each fills the buffers of the system with 10 MB before a write of the gateway stalls.
for (const kind of slowReaders) await measure(kind.name, gateway, 30_000, () => openSlowConnections(gateway.port, kind, 40));

writeTable(["slow clients", "connections", "all closed after s", "promised s", "p99 ms of others (without)", "failed", "promise"], rows);
process.exitCode = broken === 0 ? 0 : 1;
