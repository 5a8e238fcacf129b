/**
 * What an upload costs: `fileUpload()` against a bare pipe, which checks nothing, and against what people write with busboy. Each runs
 * in a process of its own in front of one service; they are measured in turn, in one run. `freed` is ours, with each piece given back
 * by `release` once it is written.
 * Run: `node --conditions=@aivillage/source bench/file-upload.bench.ts [MiB] [rounds]`. Fails when ours costs more than the hand-written one
 * or its memory grows by more than 64 MiB.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { contestants } from "./contestants.ts";
import { endLoad, mebibyte, uploadTo } from "./upload-load.ts";

interface Usage {
  readonly cpuUs: number;
  readonly rss: number;
  readonly peakRss: number;
}

interface Running {
  readonly process: ChildProcess;
  readonly port: number;
}

interface Result {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly grownMebibytes: number;
}

async function start(name: string, target = ""): Promise<Running> {
  const child = fork(fileURLToPath(import.meta.url), ["serve", name, target]);
  const [port] = (await once(child, "message")) as [number];
  return { process: child, port };
}

async function usageOf({ process: child }: Running): Promise<Usage> {
  child.send("usage");
  const [usage] = (await once(child, "message")) as [Usage];
  return usage;
}

async function measure(running: Running, mebibytes: number): Promise<Result> {
  const before = await usageOf(running);
  const startedAt = performance.now();
  const received = Number(await uploadTo(running.port, mebibytes));
  const seconds = (performance.now() - startedAt) / 1_000;
  if (received < mebibytes * mebibyte) throw new Error(`only ${received} bytes arrived`);
  const after = await usageOf(running);
  const grownMebibytes = (after.peakRss - before.rss) / mebibyte;
  return { perSecond: mebibytes / seconds, cpuUs: (after.cpuUs - before.cpuUs) / mebibytes, grownMebibytes };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

async function compare(mebibytes: number, rounds: number): Promise<void> {
  const upstream = await start("upstream");
  const names = ["pipe", "byHand", "ours", "freed"];
  const running = new Map<string, Running>();
  for (const name of names) running.set(name, await start(name, `http://127.0.0.1:${upstream.port}`));
  const results = new Map<string, Result[]>(names.map((name) => [name, []]));
  for (const each of running.values()) await measure(each, 64);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, each] of running) results.get(name)?.push(await measure(each, mebibytes));
  }
  endLoad();
  for (const { process: child } of [upstream, ...running.values()]) child.disconnect();
  report(results);
}

function report(results: ReadonlyMap<string, readonly Result[]>): void {
  const medians = (of: (result: Result) => number) => (name: string) => median((results.get(name) ?? []).map(of));
  const [speed, cpu] = [medians(({ perSecond }) => perSecond), medians(({ cpuUs }) => cpuUs)];
  const growth = (name: string): number => Math.max(...(results.get(name) ?? []).map(({ grownMebibytes }) => grownMebibytes));
  for (const name of results.keys()) {
    const line = `${speed(name).toFixed(0).padStart(5)} MiB/s  ${cpu(name).toFixed(0).padStart(5)} us CPU per MiB`;
    console.log(`${name.padEnd(7)}${line}  memory grows by ${growth(name).toFixed(0)} MiB at most`);
  }
  console.log(
    `ours does ${(speed("ours") / speed("pipe")).toFixed(2)} of the pipe's throughput, with ${(cpu("ours") / cpu("pipe")).toFixed(2)} of its CPU time`,
  );
  console.log(
    `ours does ${(speed("ours") / speed("byHand")).toFixed(2)} of busboy's by hand, with ${(cpu("ours") / cpu("byHand")).toFixed(2)} of its CPU time`,
  );
  console.log(
    `with its pieces given back ours does ${(speed("freed") / speed("pipe")).toFixed(2)} of the pipe's throughput, with ${(cpu("freed") / cpu("pipe")).toFixed(2)} of its CPU time`,
  );
  if (cpu("ours") > cpu("byHand") || growth("ours") > 64 || growth("freed") > 16) process.exitCode = 1;
}

function serve(name: string, target: string): void {
  let peakRss = 0;
  const look = (): number => (peakRss = Math.max(peakRss, process.memoryUsage.rss()));
  setInterval(look, 25).unref();
  const server = createServer({ requestTimeout: 0 }, contestants[name]?.(target));
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuUs: user + system, rss: process.memoryUsage.rss(), peakRss: look() } satisfies Usage);
    peakRss = 0;
  });
  process.on("disconnect", () => process.exit(0));
}

const [mode = "1024", first = "3", target = ""] = process.argv.slice(2);
if (mode === "serve") serve(first, target);
else await compare(Number(mode), Number(first));
