import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { type Child, start } from "../child.ts";
import type { Contestant, Surroundings } from "./contestant.ts";
import { freePort } from "./free-port.ts";

/** A contestant that listens. */
export interface RunningContestant {
  readonly pid: number;
  readonly port: number;
  /** From the start of the process to the first connection that it accepts, in milliseconds. */
  readonly startMs: number;
  stop(): Promise<void>;
}

const startWithinMs = 60_000;

/**
 * Starts a contestant in its own process and folder.
 *
 * @throws Error with what it wrote to standard error when it does not come to listen
 */
export async function startContestant(
  contestant: Pick<Contestant, "launch">,
  surroundings: Omit<Surroundings, "port" | "folder">,
): Promise<RunningContestant> {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-bench-"));
  const port = await freePort();
  const { command, args, env } = contestant.launch({ ...surroundings, port, folder });
  const startedAt = performance.now();
  const child = start(command, args, { cwd: folder, env: { PATH: process.env["PATH"], ...env } }, "ignore");

  async function stop(): Promise<void> {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await untilListening(child, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid, port, startMs: performance.now() - startedAt, stop };
}

async function untilListening(child: Child, port: number): Promise<void> {
  const deadline = performance.now() + startWithinMs;
  let over = false;
  void child.ended.then(() => (over = true));
  while (!(await accepts(port))) {
    if (over) throw new Error(`it ended before it listened: ${child.complaints()}`);
    if (performance.now() > deadline) throw new Error(`it did not listen within ${startWithinMs / 1_000} s: ${child.complaints()}`);
    await delay(5);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
