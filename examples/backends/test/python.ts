import { spawn } from "node:child_process";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { endProcess, endWithProcess, eventually } from "@aivillage/testing";

/** The Python service of this example. */
export interface PythonService {
  readonly url: string;
  /** How many connections are open. */
  open(): number;
}

export async function startPython(t: TestContext): Promise<PythonService> {
  const program = fileURLToPath(new URL("../keep-alive.py", import.meta.url));
  const child = spawn("python3", [program], { stdio: ["ignore", "pipe", "inherit"] });
  endWithProcess(child);
  t.after(() => endProcess(child));
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  // Threads of Python write a word and its line end one after the other, and those of another one between them.
  const count = (word: string): number => printed.split(word).length - 1;
  const port = await eventually(() => /^port (\d+)\n/.exec(printed)?.[1], "the service listens", { state: () => printed });
  return { url: `http://127.0.0.1:${port}`, open: () => count("opened") - count("closed") };
}
