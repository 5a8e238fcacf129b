import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { temporaryFile } from "@aivillage/testing";

/** The process that settles calls until it is killed. */
export const settleProgram = join(import.meta.dirname, "settle.process.ts");

/**
 * Kills a process that settles calls again and again, each time at a random moment, and returns how many charges survived.
 *
 * @param program the process: its source, or what was built of it, which starts faster
 * @param onKill called after each end, with what was safe then
 */
export async function killAgainAndAgain(times: number, program = settleProgram, onKill?: (safe: number) => void): Promise<number> {
  using file = temporaryFile("budgets.journal");
  let safe = 0;
  // On a busy machine the first ends may all come before a charge is safe.
  for (let time = 0; time < times || safe === 0; time += 1) {
    const child = fork(program, [file.path, "always"], { execArgv: ["--conditions=@aivillage/source"] });
    const exit = once(child, "exit");
    const [found] = (await once(child, "message")) as [number];
    assert.ok(found >= safe, `${found} charges were found after ${safe} had been safe`);
    safe = found;
    child.on("message", (spent: number) => (safe = Math.max(safe, spent)));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    child.kill("SIGKILL");
    await exit;
    onKill?.(safe);
  }
  return safe;
}
