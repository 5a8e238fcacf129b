import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { eventually } from "@aivillage/testing";

import { countEnds, openStreams } from "./event-streams.ts";
import { type GatewayProcess, startGatewayProcess } from "./gateway-process.ts";
import { readyTargets } from "./ready-targets.ts";
import { everyMs, startService } from "./service.ts";
import { type LoadReport, startLoad, type SteadyLoad } from "./steady-load.ts";

/** How much is under way while an operation runs. */
export interface Scale {
  readonly perSecond: number;
  readonly connections: number;
  readonly streams: number;
  /** Length of the streams that must end by themselves. */
  readonly streamMs: number;
}

/** What clients saw of an operation. */
export interface OperationReport {
  readonly load: LoadReport;
  readonly streams: { readonly complete: number; readonly broken: number };
  /** Requests that may fail: those under way at a worker that was killed. */
  readonly mayFail: number;
  readonly exitCode?: number | null;
}

type Operation = (gateway: GatewayProcess, load: SteadyLoad) => Promise<number | void>;

/** Runs an operation on a gateway of two workers under load, with streams open. The operation gives how many requests may fail. */
export async function underLoad(gateway: GatewayProcess, scale: Scale, operation: Operation): Promise<OperationReport> {
  const load = startLoad({ target: () => gateway.url, ...scale });
  try {
    const ends = await openStreams(gateway.url, scale.streams, scale.streamMs / everyMs);
    await underWay(load, scale);
    const mayFail = (await operation(gateway, load)) ?? 0;
    const streams = await countEnds(ends);
    return { load: await load.stop(), streams, mayFail };
  } finally {
    await load.stop();
  }
}

/** Waits until each connection has sent its first request. */
async function underWay(load: SteadyLoad, { connections }: Scale): Promise<void> {
  await eventually(() => load.sent >= connections, "all connections send");
}

/** Makes a process throw an uncaught error on SIGWINCH. */
export const throwOnSignal = ["--import", new URL("throw-on-signal.ts", import.meta.url).href];

/** What nobody here promises: on a busy machine a response or a stop may take long, and nothing may be lost for that. */
const patient = { REQUEST_TIMEOUT: "600", DRAIN_TIMEOUT: "240" };

/** A gateway of two workers on a configuration file, with a service behind. */
export async function startWorkers(env: Record<string, string> = {}) {
  const service = await startService();
  const file = join(tmpdir(), `aivillage-operation-${process.pid}-${service.port}.yaml`);
  const write = (document: string): void => writeFileSync(file, `services: { twin: ["${service.url}"] }\n${document}`);
  write("");
  const gateway = await startGatewayProcess({
    config: file,
    nodeOptions: throwOnSignal,
    env: { ...patient, WORKERS: "2", ...env },
  });
  const pidOf = (index: number): number => Number(gateway.lines("gateway listens").at(index)?.["pid"]);
  return {
    gateway,
    write,
    pidOf,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      rmSync(file, { force: true });
    },
  };
}

/** SIGHUP so many times, with a sound or a broken file: each time all workers must say what came of it. */
export function reload(write: (document: string) => void, document: string, times: number): Operation {
  const message = document.includes("sever:") ? "configuration reload failed; keeping the previous one" : "configuration reloaded";
  return async (gateway) => {
    const said = (): number => gateway.lines(message).filter(({ reason }) => reason === "SIGHUP").length;
    for (let round = 1; round <= times; round += 1) {
      const before = said();
      write(`${document}\n# ${round}\n`);
      gateway.child.kill("SIGHUP");
      await eventually(() => said() >= before + 2, `both workers log: ${message}`, { state: () => gateway.output().slice(-2_000) });
      await delay(200);
    }
  };
}

export const replaceWorkers: Operation = async (gateway) => {
  const before = gateway.lines("workers replaced").length;
  gateway.child.kill("SIGUSR2");
  await gateway.told("workers replaced", before + 1);
};

/**
 * Ends one worker. A killed one takes along what is under way there: that is at most what is under way anywhere, and what is sent until
 * its death is known.
 */
export function endWorker(pid: number, signal: "SIGKILL" | "SIGWINCH"): Operation {
  return async (gateway, load) => {
    const [listened, died] = [gateway.lines("gateway listens").length, gateway.lines("worker died").length];
    const mayFail = load.underWay - load.sent;
    process.kill(pid, signal);
    await gateway.told("worker died", died + 1);
    const sent = load.sent;
    await gateway.told("gateway listens", listened + 1);
    await delay(300);
    return signal === "SIGKILL" ? mayFail + sent : 0;
  };
}

/** SIGTERM to one of two gateways behind a client that looks at `/readyz` and at `Connection: close`. */
export async function stopOneOfTwo(scale: Scale): Promise<OperationReport> {
  await using service = await startService();
  // By when the client has noticed, which takes its time on a busy machine.
  const env = { TWIN_URL: service.url, DRAIN_DELAY: "5", ...patient };
  await using first = await startGatewayProcess({ env });
  await using second = await startGatewayProcess({ env });
  const targets = readyTargets([first.url, second.url]);
  const load = startLoad({ target: () => targets.next(), ...scale });
  try {
    const ends = await openStreams(first.url, scale.streams, scale.streamMs / everyMs);
    await underWay(load, scale);
    first.child.kill("SIGTERM");
    const exitCode = await first.ended;
    await delay(200);
    const report = await load.stop();
    return { load: report, streams: await countEnds(ends), mayFail: 0, exitCode };
  } finally {
    await load.stop();
    targets.stop();
  }
}

/** SIGTERM with streams that would go on for long: they are cut when the drain is over. Gives how long that took, in milliseconds. */
export async function stopWithEndlessStreams(streams: number, secondSignal: boolean) {
  await using service = await startService();
  await using gateway = await startGatewayProcess({ env: { TWIN_URL: service.url, DRAIN_TIMEOUT: secondSignal ? "60" : "2" } });
  const ends = await openStreams(gateway.url, streams, 10_000);
  const startedAt = performance.now();
  gateway.child.kill("SIGTERM");
  if (secondSignal) {
    await delay(1_200);
    gateway.child.kill("SIGTERM");
  }
  const exitCode = await gateway.ended;
  return { exitCode, tookMs: performance.now() - startedAt, streams: await countEnds(ends) };
}
