import { spawn } from "node:child_process";
import { join } from "node:path";

import { endWithProcess } from "./end-with-process.ts";

/** How a program ended, or the port it listens on while it still runs. */
export interface RunningProgram {
  /** Everything it has printed. */
  output(): string;
  /** Resolves with the port of its first listening server, or with `undefined` when it ended by itself first. */
  readonly port: Promise<number | undefined>;
  /** Exit code, once it has ended and all that it printed is there; -1 for a signal. */
  readonly exitCode: Promise<number>;
  stop(): Promise<void>;
}

const anyPort = join(import.meta.dirname, "any-port.ts");

/** Runs a program with this Node and the workspace's sources; wherever it listens, a free port is taken instead. */
export function runProgram(file: string, { cwd }: { cwd: string }): RunningProgram {
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", "--import", anyPort, file], {
    cwd,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  endWithProcess(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  // Not with its exit: what it printed last may come after that.
  const exitCode = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  const port = new Promise<number | undefined>((resolve) => {
    child.once("message", (message) => resolve(Number(message)));
    child.once("exit", () => resolve(undefined));
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exitCode;
  };
  return { output: () => printed, port, exitCode, stop };
}
