import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import { eventually, gatewayProgram } from "@aivillage/testing";

/** A program in a process of its own. `await using` kills it. */
export interface RunningProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Everything it has printed. */
  output(): string;
  /** Resolves to the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Resolves when it has printed a text that matches, and fails when it ends first. */
  until(pattern: RegExp): Promise<void>;
}

export interface Command {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
}

export function run({ command, args, cwd, env = process.env }: Command): RunningProcess {
  const child = spawn(command, args, { ...(cwd !== undefined && { cwd }), env, stdio: ["ignore", "pipe", "pipe"] });
  // A test that is cut off disposes of nothing.
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  let hasEnded = false;
  // Not its exit: what it printed last may come after that.
  const ended = once(child, "close").then(([code, signal]) => {
    hasEnded = true;
    process.off("exit", kill);
    return (code ?? signal) as number | string;
  });
  return {
    child,
    output: () => printed,
    ended,
    async until(pattern) {
      await eventually(() => pattern.test(printed) || hasEnded, `${command} prints ${pattern}`);
      if (!pattern.test(printed)) throw new Error(`${command} ended without printing ${pattern}: ${printed}`);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The command line of the gateway as it is in the workspace. */
export const gatewayCommand = (...args: string[]): Command => ({
  command: process.execPath,
  args: ["--conditions=@aivillage/source", gatewayProgram(), ...args],
});
