import cluster from "node:cluster";
import { writeSync } from "node:fs";

import { soon } from "@aivillage/middleware";

import { logLinesLost } from "./events.ts";

const maxBufferedBytes = 16_777_216;
const retryMs = 50;
const patienceMs = 500;
/** Beyond that, for what listeners log about lost lines while there is no room for others. */
const reservedBytes = 1_048_576;
const reportEveryMs = 10_000;
/** A pipe takes so many bytes as a whole, or not at all: PIPE_BUF, pipe(7). */
const atomicBytes = 4_096;

/**
 * Writes lines to a non-blocking file descriptor: those of one turn of the event loop at once, after it.
 *
 * A reader that stalls and a disk that is full are tried again; 16 MiB may wait meanwhile, later lines are dropped, which
 * `logLinesLost` reports every ten seconds, and when lines are taken again. Without a reader each line is dropped and reported at once, until
 * a named pipe has a reader again. It never throws.
 *
 * The workers of `node:cluster` have one pipe. When it is full it takes a part of a text, and a line of another worker may follow, so
 * workers write no more at once than it takes as a whole; only a line that is longer can be cut.
 */
export class LineWriter {
  readonly #fd: number;
  #waiting = "";
  #current = Buffer.alloc(0);
  #lost = 0;
  #scheduled = false;
  #hasReader = true;
  #isReporting = false;
  #reportedAt = -Infinity;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: string): void {
    // What a listener logs about lost lines would be lost and reported without end.
    if (this.#isReporting && !this.#hasReader) return;
    const room = this.#isReporting ? maxBufferedBytes + reservedBytes : maxBufferedBytes;
    if (this.#waiting.length + this.#current.length + line.length > room) {
      if (!this.#isReporting) this.#lost += 1;
      return;
    }
    this.#waiting += line;
    if (this.#scheduled) return;
    this.#scheduled = true;
    soon(() => this.#run());
  }

  /** Writes what is left before it returns; gives up when nothing moves for half a second. */
  flush(): void {
    let left = -1;
    let deadline = 0;
    while (!this.#drain()) {
      if (this.#current.length !== left) deadline = performance.now() + patienceMs;
      left = this.#current.length;
      if (performance.now() > deadline) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }

  #run(): void {
    this.#scheduled = !this.#drain();
    if (this.#scheduled) setTimeout(() => this.#run(), retryMs).unref();
    if (!this.#scheduled || performance.now() - this.#reportedAt >= reportEveryMs) this.#reportLost();
  }

  /** A listener that logs writes a line again. */
  #reportLost(): void {
    const lines = this.#lost;
    this.#lost = 0;
    this.#reportedAt = performance.now();
    if (lines === 0 || !logLinesLost.hasSubscribers) return;
    this.#isReporting = true;
    logLinesLost.publish({ lines });
    this.#isReporting = false;
  }

  /** Writes as much as is taken now; true when nothing is left. */
  #drain(): boolean {
    while (this.#current.length > 0 || this.#waiting !== "") {
      if (this.#current.length === 0) {
        this.#current = Buffer.from(this.#waiting);
        this.#waiting = "";
      }
      const written = this.#tryWrite();
      if (written === 0) return false;
      this.#current = this.#current.subarray(written);
    }
    return true;
  }

  #tryWrite(): number {
    try {
      const written = writeSync(this.#fd, cluster.isWorker ? wholeLines(this.#current) : this.#current);
      this.#hasReader = true;
      return written;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EPIPE" && code !== "EBADF") return 0;
      this.#hasReader = false;
      this.#lost += linesOf(this.#current.toString("latin1")) + linesOf(this.#waiting);
      this.#waiting = "";
      return this.#current.length;
    }
  }
}

function linesOf(text: string): number {
  return text.split("\n").length - 1;
}

function wholeLines(lines: Buffer): Buffer {
  if (lines.length <= atomicBytes) return lines;
  const end = lines.lastIndexOf("\n", atomicBytes - 1);
  return end === -1 ? lines.subarray(0, lines.indexOf("\n") + 1 || lines.length) : lines.subarray(0, end + 1);
}
