/**
 * How long the gateway takes from its start to the first answer, and the memory it holds when nobody asks for more than its health, beside
 * the hand-assembled Express stack where packages/benchmarks has installed it. Build first. Ends with 1 when a budget is missed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { freePort, listen } from "@aivillage/testing";

import { apiKey } from "./support/gateway-process.ts";
import { writeTable } from "./support/table.ts";

const rounds = 5;
/** How long it is idle, in seconds: each begins with a health check, which probes three services. */
const idleSeconds = 5;
const budget = { startMs: 1_000, residentMebibytes: 120 };
const peers = join(import.meta.dirname, "../../benchmarks/peers");
const cli = (folder: string): string => join(import.meta.dirname, "..", folder);

const contestants = [
  { name: "gateway, built", args: [cli("dist/cli.js"), "start"], needs: cli("dist/cli.js"), judged: true },
  {
    name: "gateway, from source",
    args: ["--conditions=@aivillage/source", cli("src/cli.ts"), "start"],
    needs: cli("src/cli.ts"),
    judged: false,
  },
  { name: "Express stack", args: [join(peers, "express-stack.mjs")], needs: join(peers, "node_modules"), judged: false },
].filter(({ needs }) => existsSync(needs));

const service = await listen((_req, res) => res.end("{}"));

interface Sample {
  readonly startMs: number;
  readonly cpuMs: number;
  readonly residentMebibytes: number;
}

async function measure(args: readonly string[]): Promise<Sample> {
  const port = String(await freePort());
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: "ignore",
    env: {
      NODE_ENV: "production",
      ENVIRONMENT: "production",
      GATEWAY_HOST: "127.0.0.1",
      GATEWAY_PORT: port,
      API_KEY: apiKey,
      SECRET_KEY: "t5Wk0PzQx8CrV3nMb6YhJ1LdFg9SaEu2",
      CORS_ORIGINS: "https://app.example",
      LOG_LEVEL: "WARN",
      PORT: port,
      UPSTREAM: service.url,
      TWIN_URL: service.url,
      AGENT_CONTROLLER_URL: service.url,
      KNOWLEDGE_SYSTEM_URL: service.url,
      ORIGIN: "https://app.example",
    },
  });
  try {
    await untilResponded(child, `http://127.0.0.1:${port}/`);
    const startMs = performance.now() - startedAt;
    for (let second = 0; second < idleSeconds; second += 1) {
      await (await fetch(`http://127.0.0.1:${port}/healthz`)).arrayBuffer();
      await delay(1_000);
    }
    return { startMs, ...usageOf(child.pid ?? 0) };
  } finally {
    child.kill("SIGKILL");
  }
}

async function untilResponded(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it answered`);
    const responded = await fetch(url).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    if (responded) return;
    await delay(5);
  }
}

/** See proc(5): clock ticks are 10 ms. */
function usageOf(pid: number): Omit<Sample, "startMs"> {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, residentMebibytes: Number(resident) / 1_024 };
}

if (!contestants.some(({ judged }) => judged)) throw new Error("there is no build to measure: run the script `build` first");
const samples = contestants.map((): Sample[] => []);
for (let round = 0; round < rounds; round += 1) {
  for (const [place, { args }] of contestants.entries()) samples[place]?.push(await measure(args));
}
const middle = (place: number, figure: keyof Sample): number =>
  (samples[place] ?? []).map((sample) => sample[figure]).toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;

let missed = 0;
const rows = contestants.map(({ name, judged }, place) => {
  const [startMs, cpuMs, resident] = [middle(place, "startMs"), middle(place, "cpuMs"), middle(place, "residentMebibytes")];
  const kept = startMs < budget.startMs && resident < budget.residentMebibytes;
  if (judged && !kept) missed += 1;
  return [name, startMs.toFixed(0), cpuMs.toFixed(0), resident.toFixed(1), judged ? (kept ? "kept" : "MISSED") : ""];
});
await service[Symbol.asyncDispose]();
writeTable([`median of ${rounds}`, "ms to the first answer", "CPU ms", "idle RSS MiB", "under 1 s and 120 MiB"], rows);
process.exitCode = missed === 0 ? 0 : 1;
