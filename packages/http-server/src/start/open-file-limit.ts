import { readFileSync } from "node:fs";

/**
 * How many files this process may have open, its connections included. Beyond that, new connections are reset without a trace: compare it
 * with `maxConnections` when you start. `Infinity` where there is no limit, or the system does not say: Linux does.
 */
export function openFileLimit(): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readLimits()) ?? [];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}
