import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { basename, join } from "node:path";

import { endProcess } from "../src/when-closed.ts";
import type { Outcome } from "./page-programs.process.ts";

/** Runs the programs of one page and asks each that serves for `/`; throws if one of them fails or responds with 5xx. */
export async function runPage(files: readonly string[], options: { cwd: string; execArgv?: string[] }): Promise<void> {
  const outcomes = new Map<string, Outcome>();
  // One process for all programs of a page: most of the time of each is the loading of the same modules.
  const child = fork(join(import.meta.dirname, "page-programs.process.ts"), files, { execArgv: [], ...options, silent: true });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  child.on("message", (outcome: Outcome) => outcomes.set(outcome.file, outcome));
  try {
    await once(child, "close");
  } finally {
    await endProcess(child);
  }
  for (const file of files) {
    const outcome = outcomes.get(file);
    assert.ok(outcome !== undefined && outcome.status < 500, `${basename(file)}: ${outcome?.status} ${outcome?.text} ${printed}`);
  }
}
