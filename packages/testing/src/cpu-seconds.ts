import { readFileSync } from "node:fs";

const label = "processor seconds: ";
const ticksPerSecond = 100;

/** Processor time of this process and of its child processes that have ended. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childSeconds();
}

/** How a test file reports its processor time to the runner. */
export const cpuDiagnostic = (): string => `${label}${cpuSeconds().toFixed(2)}`;

/** The seconds of such a diagnostic; `undefined` for any other. */
export function cpuSecondsOf(message: string): number | undefined {
  return message.startsWith(label) ? Number(message.slice(label.length)) : undefined;
}

/** Zero where the system has no /proc. */
function childSeconds(): number {
  try {
    const [, fields = ""] = readFileSync("/proc/self/stat", "utf8").split(/\) (?!.*\) )/);
    // See proc_pid_stat(5): cutime and cstime are the fields 16 and 17; the first one here is the third.
    const [user, system] = fields.split(" ").slice(13, 15);
    return (Number(user) + Number(system)) / ticksPerSecond;
  } catch {
    return 0;
  }
}
