import { after, describe } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { cpuDiagnostic, cpuSeconds } from "./cpu-seconds.ts";
import "./end-children.ts";
import { renewHelpers } from "./own-helpers.ts";
import { markOfFile } from "./printed-text.ts";

const patienceMs = 20_000;
let reportedSeconds = 0;

/** Runs test files one after another in this process, each as a suite that is named by its path. */
export async function runGroup(files: readonly string[]): Promise<void> {
  const opened = new Map<string, readonly string[]>();
  // A test may wait for what does not keep the process alive, such as an unreferenced timer.
  const alive = setInterval(() => undefined, 60_000);
  for (const file of files) {
    const before = process.getActiveResourcesInfo();
    for (const stream of [process.stdout, process.stderr]) stream.write(markOfFile(file));
    await runFile(file);
    // What a file has closed is gone before the next one begins.
    await nextTurn();
    opened.set(file, without(process.getActiveResourcesInfo(), before));
  }
  clearInterval(alive);
  endWhenIdle(opened);
}

async function runFile(file: string): Promise<void> {
  renewHelpers();
  await describe(file, async (suite) => {
    await import(pathToFileURL(file).href);
    // Registered last, so that the hooks of the file count too.
    after(() => {
      const seconds = cpuSeconds();
      suite.diagnostic(cpuDiagnostic(file, seconds - reportedSeconds));
      reportedSeconds = seconds;
    });
  });
}

/** Ends a process that something keeps alive, and names what does and which files had left it open. */
function endWhenIdle(opened: ReadonlyMap<string, readonly string[]>): void {
  // Unreferenced: fires only when something else keeps this process alive.
  setTimeout(() => {
    const left = process.getActiveResourcesInfo();
    const suspects = [...opened].flatMap(([file, resources]) => {
      const still = resources.filter((resource) => left.includes(resource));
      return still.length > 0 ? `${file} (${still.join(", ")})` : [];
    });
    process.stderr.write(`the tests have ended ${patienceMs / 1_000} s ago, but this keeps the process alive: ${left.join(", ")}; `);
    process.stderr.write(`opened by ${suspects.join(", ") || "an unknown file"}\n`);
    process.exit(1);
  }, patienceMs).unref();
}

/** The list without one of each that the other has. */
function without(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((item) => !rest.includes(item) || void rest.splice(rest.indexOf(item), 1));
}
