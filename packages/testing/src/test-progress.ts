import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";

const everyMs = { terminal: 500, log: 15_000 };

/** `1:05` for 65 seconds. */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Shows how many files are done: one line that changes on a terminal, else a line every 15 seconds. */
export class TestProgress {
  readonly #startedAt = performance.now();
  readonly #started = new Map<string, number>();
  readonly #durations = new Map<string, number>();
  readonly #isFile: ReadonlySet<string>;
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;
  readonly #failed: () => number;

  /** `failed` tells how many tests have failed up to now. */
  constructor(files: readonly string[], folder: string, failed: () => number) {
    this.#failed = failed;
    this.#isFile = new Set(files);
    this.#folder = folder;
    this.#timer = setInterval(() => this.#show(), process.stdout.isTTY ? everyMs.terminal : everyMs.log);
  }

  see({ type, data }: TestEvent): void {
    // A file is a suite, named by its path.
    if (type === "test:dequeue" && this.#isFile.has(data.name)) this.#started.set(data.name, performance.now());
    const since = type === "test:complete" ? this.#started.get(data.name) : undefined;
    if (type !== "test:complete" || since === undefined) return;
    this.#started.delete(data.name);
    this.#durations.set(relative(this.#folder, data.name), performance.now() - since);
  }

  /** Whether a file has begun and has not come to its end. */
  isRunning(file: string): boolean {
    return this.#started.has(file);
  }

  isDone(file: string): boolean {
    return this.#durations.has(relative(this.#folder, file));
  }

  /** Counts a file as done that will not come to its end. */
  giveUp(file: string): void {
    this.#durations.set(relative(this.#folder, file), performance.now() - (this.#started.get(file) ?? performance.now()));
    this.#started.delete(file);
  }

  /** The files that have not come to their end and are not running. */
  waiting(): string[] {
    return [...this.#isFile].filter((file) => !this.isRunning(file) && !this.isDone(file));
  }

  /** The files that are done, and how many milliseconds each took. */
  durations(): ReadonlyMap<string, number> {
    return this.#durations;
  }

  /** The files that have been running for so long. */
  runningFor(ms: number): string[] {
    const before = performance.now() - ms;
    return [...this.#started].filter(([, since]) => since < before).map(([file]) => relative(this.#folder, file));
  }

  /** Prints whole lines beside the progress. */
  print(lines: string): void {
    if (lines !== "") process.stdout.write(process.stdout.isTTY ? `\r\u001B[K${lines}` : lines);
  }

  end(): void {
    clearInterval(this.#timer);
    if (process.stdout.isTTY) process.stdout.write("\r\u001B[K");
  }

  #show(): void {
    const now = performance.now();
    const running = [...this.#started].map(([file, since]) => `${relative(this.#folder, file)} ${clock(now - since)}`).join(", ");
    const failed = this.#failed() > 0 ? `, ${this.#failed()} failed` : "";
    const line = `${this.#durations.size} of ${this.#isFile.size} files, ${clock(now - this.#startedAt)}${failed}; running: ${running}`;
    process.stdout.write(process.stdout.isTTY ? `\r\u001B[K${line.slice(0, process.stdout.columns - 1)}` : `${line}\n`);
  }
}
