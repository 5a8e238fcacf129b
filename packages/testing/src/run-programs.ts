import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { basename, join } from "node:path";

import type { Outcome } from "./page-programs.ts";
import { endProcess } from "./when-closed.ts";

/** What came of programs, by file; what their process printed beside it. */
export interface Outcomes {
  readonly byFile: ReadonlyMap<string, Outcome>;
  readonly printed: string;
}

/** Runs programs one after another and asks each that serves for `/`. */
export async function runPrograms(files: readonly string[], options: { cwd: string; execArgv?: string[] }): Promise<Outcomes> {
  const byFile = new Map<string, Outcome>();
  // One process for all: most of the time of each is the loading of the same modules.
  const child = fork(join(import.meta.dirname, "page-programs.ts"), files, { execArgv: [], ...options, silent: true });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  child.on("message", (outcome: Outcome) => byFile.set(outcome.file, outcome));
  try {
    await once(child, "close");
  } finally {
    await endProcess(child);
  }
  return { byFile, printed };
}

/** Throws if one of these programs failed or responded with 5xx. */
export function assertResponded(files: readonly string[], { byFile, printed }: Outcomes): void {
  for (const file of files) {
    const outcome = byFile.get(file);
    assert.ok(outcome !== undefined && outcome.status < 500, `${basename(file)}: ${outcome?.status} ${outcome?.text} ${printed}`);
  }
}
