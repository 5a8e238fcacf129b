/**
 * How long a reload of 200 routes, each with a new body schema, keeps the event loop from serving requests. Ends with 1 when one block is
 * longer than the budget. Judged is the processor time of a turn: the delay of the loop, printed beside it, also holds the time in which the
 * system ran other programs.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate, setTimeout as delay } from "node:timers/promises";

import { type GatewayLogger, loadConfig, startGateway } from "../src/index.ts";
import { manyRoutes } from "./support/many-routes.ts";
import { writeTable } from "./support/table.ts";

const rounds = 5;
const [routes, budgetMs, resolutionMs] = [200, 50, 1];

const folder = mkdtempSync(join(tmpdir(), "aivillage-reload-"));
const file = join(folder, "gateway.yaml");
let reloaded = Promise.withResolvers<void>();
const quiet = (): void => undefined;
const logger: GatewayLogger = {
  debug: quiet,
  info: (_fields, message) => void (message === "configuration reloaded" && reloaded.resolve()),
  warn: quiet,
  error: (fields, message) => reloaded.reject(new Error(`${message} ${JSON.stringify(fields)}`)),
};

writeFileSync(file, manyRoutes(routes, "start"));
const sources = { file, env: { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0" } };
const gateway = await startGateway(loadConfig(sources), { sources, logger });

/** Longest turn of the event loop in processor time, and longest delay of the loop, during a reload. */
async function longestBlock(round: number): Promise<{ cpuMs: number; delayMs: number }> {
  reloaded = Promise.withResolvers<void>();
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // The monitor begins to count with its second look.
  await delay(50);
  histogram.reset();
  writeFileSync(file, manyRoutes(routes, `round${round}`));
  const cpuMs = await longestTurnMs(reloaded.promise);
  // A block that the reload ends with is seen after it.
  await delay(50);
  histogram.disable();
  return { cpuMs, delayMs: histogram.max / 1e6 - resolutionMs };
}

async function longestTurnMs(end: Promise<void>): Promise<number> {
  let longest = 0;
  const progress = { isOver: false };
  const over = end.finally(() => (progress.isOver = true));
  let before = threadMs();
  while (!progress.isOver) {
    await setImmediate();
    const now = threadMs();
    longest = Math.max(longest, now - before);
    before = now;
  }
  await over;
  return longest;
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const blocks: { cpuMs: number; delayMs: number }[] = [];
for (let round = 0; round < rounds; round += 1) blocks.push(await longestBlock(round));
await gateway.close();
rmSync(folder, { recursive: true });
const isKept = blocks.every(({ cpuMs }) => cpuMs < budgetMs);
const listed = (figures: readonly number[]): string => figures.map((ms) => ms.toFixed(0)).join(", ");
writeTable(
  ["reloads of 200 routes with new schemas", "longest turn, CPU ms", "longest delay, ms", `turns under ${budgetMs} ms`],
  [[String(rounds), listed(blocks.map(({ cpuMs }) => cpuMs)), listed(blocks.map(({ delayMs }) => delayMs)), isKept ? "kept" : "MISSED"]],
);
process.exitCode = isKept ? 0 : 1;
