import { isMainThread } from "node:worker_threads";

import { LineWriter } from "./line-writer.ts";

/** Where lines go. */
interface LineTarget {
  write(line: string): unknown;
}

let shared: LineTarget | undefined;

/**
 * Standard output for all loggers of the process, written to the end when the process exits.
 *
 * It asks for `process.stdout`, because that makes Node open a pipe as non-blocking: a reader that stalls must not hold up the
 * process. Where a program has replaced `process.stdout.write`, as pm2 does in its cluster mode to write to files, lines go there. So they
 * do in a worker thread, whose standard output has no descriptor: the main thread writes it.
 */
export function standardOutput(): LineTarget {
  if (shared === undefined && (isReplaced() || !isMainThread)) shared = { write: (line) => void process.stdout.write(line) };
  if (shared === undefined) {
    const writer = new LineWriter(process.stdout.fd);
    process.once("exit", () => writer.flush());
    shared = writer;
  }
  return shared;
}

/** The stream itself inherits the method. */
function isReplaced(): boolean {
  return Object.hasOwn(process.stdout, "write");
}
