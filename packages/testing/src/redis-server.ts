import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import { freePort } from "./free-port.ts";

const hasRedis = spawnSync("redis-server", ["--version"]).error === undefined;

/** Options of tests that need a Redis. */
export const needsRedis = { skip: hasRedis ? false : "redis-server is not installed: what needs a real Redis was left out" };

/** A Redis of its own on a free port, which keeps nothing on disk. `await using` ends it. */
export interface RunningRedis extends AsyncDisposable {
  readonly port: number;
  /** Stops the process where it is, as a hanging machine would. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** Starts it again, empty. */
  start(): Promise<void>;
  /** Sends one command on a connection of its own. */
  command(...args: string[]): Promise<unknown>;
}

export async function startRedis(...settings: string[]): Promise<RunningRedis> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const args = ["--port", String(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", ...settings];
    child = spawn("redis-server", args, { stdio: "ignore" });
    await untilReady(port, child);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    port,
    start,
    kill,
    freeze: () => void child?.kill("SIGSTOP"),
    thaw: () => void child?.kill("SIGCONT"),
    command: (...args) => sendOnce(port, args),
    [Symbol.asyncDispose]: kill,
  };
}

async function untilReady(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline && child.exitCode === null) {
    if ((await sendOnce(port, ["PING"]).catch(() => undefined)) === "PONG") return;
    await delay(10);
  }
  throw new Error("redis-server did not start");
}

async function sendOnce(port: number, command: string[]): Promise<unknown> {
  // Loaded here, since most test processes need no Redis.
  const { createClient } = await import("redis");
  const client = createClient({ socket: { host: "127.0.0.1", port, reconnectStrategy: false } });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
