import type { ChildProcess } from "node:child_process";

const children = new Set<ChildProcess>();

/** Kills a child when this process ends, also in the middle of a test: nothing would end it otherwise, least of all a stopped one. */
export function endWithProcess(child: ChildProcess): void {
  if (children.size === 0) process.once("exit", killAll);
  children.add(child);
  child.once("exit", () => {
    children.delete(child);
    if (children.size === 0) process.off("exit", killAll);
  });
}

function killAll(): void {
  for (const child of children) child.kill("SIGKILL");
}
