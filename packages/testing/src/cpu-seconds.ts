import { readFileSync } from "node:fs";

const label = "processor seconds of ";
const ticksPerSecond = 100;

/** Processor time of this process and of its child processes that have ended. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childSeconds();
}

/** How a process reports the processor time of a test file to the runner. */
export const cpuDiagnostic = (file: string, seconds: number): string => `${label}${file}: ${seconds.toFixed(2)}`;

/** The file and the seconds of such a diagnostic; `undefined` for any other. */
export function readCpuDiagnostic(message: string): { file: string; seconds: number } | undefined {
  if (!message.startsWith(label)) return undefined;
  const end = message.lastIndexOf(": ");
  return { file: message.slice(label.length, end), seconds: Number(message.slice(end + 2)) };
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
