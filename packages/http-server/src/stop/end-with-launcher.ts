import { readFileSync } from "node:fs";

const everyMs = 500;

/**
 * Ends this process with SIGTERM when the `npx`, `npm run` or `pnpm` that started it has gone.
 *
 * A signal to one of these ends it and the shell that it has started, but not what runs in that shell: the server would stay behind and
 * hold its port. It looks at the processes above in `/proc`; where that is missing, this does nothing.
 *
 * @param env the environment variables of the process
 */
export function endWithLauncher(env: Readonly<Record<string, string | undefined>>): void {
  if (env["npm_config_user_agent"] === undefined) return;
  const launchers = launchersAbove(process.ppid);
  if (launchers.length === 0) return;
  const timer = setInterval(() => {
    if (launchers.every(isAlive)) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, everyMs);
  timer.unref();
}

/** This process and those above it, as long as they are package managers or shells that these have started. */
function launchersAbove(pid: number): number[] {
  const command = readProcess(pid, "cmdline").split("\0").slice(0, 3).join(" ");
  const isShell = /^(\S*\/)?(ba|da|k|z)?sh\b/.test(command);
  if (!isShell && !/\b(npm|npx|pnpm|yarn|bun)\b/.test(command)) return [];
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(readProcess(pid, "status"))?.[1] ?? 0);
  const above = launchersAbove(parent);
  // A shell that no package manager has started is the user's own.
  return isShell && above.length === 0 ? [] : [pid, ...above];
}

function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
