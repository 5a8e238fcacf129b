import { execFileSync, type ExecFileSyncOptions } from "node:child_process";

import { root } from "../root.ts";

/** Runs a program in the root of the repository, or in `cwd`, and shows what it prints. @throws Error when it fails */
export function run(command: string, args: readonly string[], options: ExecFileSyncOptions = {}): void {
  execFileSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], ...options });
}

/** What a program prints. @throws Error when it fails */
export function outputOf(command: string, args: readonly string[], options: ExecFileSyncOptions = {}): string {
  return execFileSync(command, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], ...options, encoding: "utf8" });
}

/** pnpm of the version that the repository needs. */
export const pnpm = (args: readonly string[], options?: ExecFileSyncOptions): void => run("npx", ["-y", "pnpm@12", ...args], options);

const startedAt = performance.now();

/** Prints a step with the seconds since the start. */
export function say(step: string): void {
  process.stdout.write(`${String(Math.round((performance.now() - startedAt) / 1_000)).padStart(4)} s  ${step}\n`);
}
