import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
// A signal alone would end this process without that event.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

/** A program that was started, with what it wrote to standard error. */
export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The end of standard error. */
  complaints(): string;
  /** Resolves when it has ended, with its exit code, or -1 for a signal. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

const keptCharacters = 2_000;

/** Starts a program that does not outlive this one. `stdio` of the options is for standard output and IPC only. */
export function start(command: string, args: readonly string[], options: SpawnOptions, output: "ignore" | "pipe" | "ipc"): Child {
  const child = spawn(command, args, {
    ...options,
    stdio: output === "ipc" ? ["ignore", "ignore", "pipe", "ipc"] : ["ignore", output, "pipe"],
  });
  running.add(child);
  let tail = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-keptCharacters);
  });
  const ended = new Promise<number>((resolve) => {
    child.once("error", (error) => {
      tail += error.message;
      resolve(-1);
    });
    child.once("close", (code) => resolve(code ?? -1));
  }).finally(() => running.delete(child));

  async function stop(): Promise<void> {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
    await ended;
    clearTimeout(timer);
  }
  return { process: child, pid: child.pid ?? 0, complaints: () => tail.trim(), ended, stop };
}
