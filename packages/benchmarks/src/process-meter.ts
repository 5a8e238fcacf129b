import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** What a process has used, as the kernel reports it. Linux only. */
export interface ProcessMeter {
  /** CPU time of all its threads, user and system, in microseconds; whole clock ticks, which are 10 ms. */
  cpuMicros(): number;
  /** Resident memory now, in bytes. */
  residentBytes(): number;
  /** The most resident memory since `forgetPeak()`, in bytes. */
  peakBytes(): number;
  forgetPeak(): void;
}

const microsPerTick = 1_000_000 / ticksPerSecond();

export function meterOf(pid: number): ProcessMeter {
  const status = (): string => readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    cpuMicros: () => cpuTicks(readFileSync(`/proc/${pid}/stat`, "utf8")) * microsPerTick,
    residentBytes: () => statusBytes(status(), "VmRSS"),
    peakBytes: () => statusBytes(status(), "VmHWM"),
    // See proc(5): 5 resets the peak resident set size.
    forgetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, "5"),
  };
}

/** The sum of `utime` and `stime` in the text of `/proc/<pid>/stat`, fields 14 and 15; the name, field 2, may hold anything. */
export function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** A line such as `VmHWM:  81234 kB` of `/proc/<pid>/status`. */
export function statusBytes(status: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status);
  if (match === null) throw new Error(`/proc has no ${name}`);
  return Number(match[1]) * 1_024;
}

function ticksPerSecond(): number {
  return process.platform === "linux" ? Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" })) : 100;
}
