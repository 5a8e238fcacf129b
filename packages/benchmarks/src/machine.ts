import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";

import { findProgram } from "./find-program.ts";
import { folders } from "./folders.ts";
import { httpLoadTool } from "./loads/http-load.ts";

/** Where and with what it was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGibibytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly loadTool: string;
  /** Load average of the minute before the run; what else the machine does is in the figures. */
  readonly loadBefore: number;
  /** Name and version of everything that was measured against. */
  readonly versions: Readonly<Record<string, string>>;
}

/** To be called before anything is started. */
export function describeMachine(): Omit<Machine, "versions"> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    loadTool: httpLoadTool,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export function versions(): Record<string, string> {
  return { ...peerVersions(), ...proxyVersion("nginx", "-v"), ...proxyVersion("haproxy", "-v") };
}

function peerVersions(): Record<string, string> {
  return (JSON.parse(readFileSync(join(folders.peers, "package.json"), "utf8")) as { dependencies: Record<string, string> }).dependencies;
}

function proxyVersion(name: string, flag: string): Record<string, string> {
  const program = findProgram(name);
  if (program === undefined) return {};
  // nginx prints its version on standard error.
  const text = execFileSync("sh", ["-c", '"$0" "$1" 2>&1', program, flag], { encoding: "utf8" });
  const version = /\d+\.\d+\.\d+/.exec(text)?.[0];
  return version === undefined ? {} : { [name]: version };
}
