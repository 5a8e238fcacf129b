import { LineWriter } from "./line-writer.ts";

let shared: LineWriter | undefined;

/**
 * Standard output for all loggers of the process, written to the end when the process exits.
 *
 * It asks for `process.stdout`, because that makes Node open a pipe as non-blocking: a reader that stalls must not hold up the
 * process.
 */
export function standardOutput(): LineWriter {
  if (shared === undefined) {
    const writer = new LineWriter(process.stdout.fd);
    process.once("exit", () => writer.flush());
    shared = writer;
  }
  return shared;
}
