import { execFileSync, type ExecFileSyncOptions } from "node:child_process";

import { cpuSeconds } from "../cpu-seconds.ts";
import { pnpmCommand } from "../pnpm-command.ts";
import { root } from "../root.ts";

/** Runs a program in the root of the repository, or in `cwd`, and shows what it prints. @throws Error when it fails */
export function run(command: string, args: readonly string[], options: ExecFileSyncOptions = {}): void {
  execFileSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], ...options });
}

/** What a program prints. @throws Error when it fails */
export function outputOf(command: string, args: readonly string[], options: ExecFileSyncOptions = {}): string {
  return execFileSync(command, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], ...options, encoding: "utf8" });
}

/** Runs pnpm. @throws Error when it fails */
export function pnpm(args: readonly string[], options?: ExecFileSyncOptions): void {
  const started = pnpmCommand(args);
  run(started.command, started.args, options);
}

const startedAt = performance.now();

/** Prints a step that begins, with the seconds and the processor seconds since the start. */
export function say(step: string): void {
  const [seconds, processor] = [(performance.now() - startedAt) / 1_000, cpuSeconds()].map((each) => each.toFixed(0).padStart(4));
  process.stdout.write(`${seconds} s ${processor} s of processor time  ${step}\n`);
}
