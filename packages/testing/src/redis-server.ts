import { type ChildProcess, spawn } from "node:child_process";

import type { RedisClient } from "@redis/client";

import { endWithProcess } from "./end-with-process.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { hasProgram } from "./has-program.ts";
import { untilListening } from "./until-listening.ts";
import { endProcess } from "./when-closed.ts";

/** Options of tests that need a Redis. */
export const needsRedis = {
  skip: hasProgram("redis-server") ? false : "redis-server is not installed: what needs a real Redis was left out",
};

/** A separate Redis on a free port, which keeps nothing on disk. `await using` ends it. */
export interface RunningRedis extends AsyncDisposable {
  readonly port: number;
  /** Stops the process where it is, as a hanging machine would. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** Starts it again, empty. */
  start(): Promise<void>;
  /** Sends one command on its own connection. */
  command(...args: string[]): Promise<unknown>;
}

export async function startRedis(...settings: string[]): Promise<RunningRedis> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const args = ["--port", String(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", ...settings];
    child = spawn("redis-server", args, { stdio: "ignore" });
    endWithProcess(child);
    await untilReady(port, child).catch(async (error: unknown) => {
      await kill();
      throw error;
    });
  };
  const kill = async (): Promise<void> => {
    if (child !== undefined) await endProcess(child);
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
  await untilListening(port, child);
  await eventually(async () => (await sendOnce(port, ["PING"])) === "PONG", "redis-server responds");
}

let makeClient: ReturnType<typeof RedisClient.factory> | undefined;

async function sendOnce(port: number, command: string[]): Promise<unknown> {
  // Loaded here, since most test processes need no Redis.
  const redis = await import("@redis/client");
  // `createClient()` makes a class of all commands for each client, which takes tens of milliseconds.
  makeClient ??= redis.RedisClient.factory();
  const client = makeClient({ socket: { host: "127.0.0.1", port, reconnectStrategy: false } });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
