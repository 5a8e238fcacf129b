import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { temporaryFile } from "@aivillage/testing";

function start(journal: string): ChildProcess {
  const options = { execArgv: ["--conditions=@aivillage/source"] };
  return fork(join(import.meta.dirname, "settle.process.ts"), [journal, "always"], options);
}

/** Kills a process that settles calls again and again, each time at a random moment, and returns how many charges survived. */
export async function killAgainAndAgain(times: number): Promise<number> {
  using file = temporaryFile("budgets.journal");
  let safe = 0;
  for (let time = 0; time < times; time += 1) {
    const child = start(file.path);
    const exit = once(child, "exit");
    const [found] = (await once(child, "message")) as [number];
    assert.ok(found >= safe, `${found} charges were found after ${safe} had been safe`);
    safe = found;
    child.on("message", (spent: number) => (safe = Math.max(safe, spent)));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    child.kill("SIGKILL");
    await exit;
  }
  return safe;
}
