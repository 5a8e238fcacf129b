import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import { createClient } from "redis";

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
    await untilReady(port);
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function untilReady(port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if ((await sendOnce(port, ["PING"]).catch(() => undefined)) === "PONG") return;
    await delay(10);
  }
  throw new Error("redis-server did not start");
}

async function sendOnce(port: number, command: string[]): Promise<unknown> {
  const client = createClient({ socket: { host: "127.0.0.1", port, reconnectStrategy: false } });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
