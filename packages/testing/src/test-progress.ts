import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";

const everyMs = { terminal: 500, log: 15_000 };

/** `1:05` for 65 seconds. */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The program whose process sent an event: the runner notes it, the types do not know it. */
export const programOf = (data: object = {}): string => ("entryFile" in data ? String(data.entryFile) : "");

/** Shows how many files are done: one line that changes on a terminal, else a line every 15 seconds. */
export class TestProgress {
  readonly #startedAt = performance.now();
  /** The files that have begun, and their process. */
  readonly #started = new Map<string, { readonly at: number; readonly program: string }>();
  /** When a process reported something last. */
  readonly #reportedAt = new Map<string, number>();
  readonly #durations = new Map<string, number>();
  readonly #isFile: ReadonlySet<string>;
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;
  readonly #failed: () => number;

  /** `failed` says how many tests have failed up to now. */
  constructor(files: readonly string[], folder: string, failed: () => number) {
    this.#failed = failed;
    this.#isFile = new Set(files);
    this.#folder = folder;
    this.#timer = setInterval(() => this.#show(), process.stdout.isTTY ? everyMs.terminal : everyMs.log);
  }

  see({ type, data }: TestEvent): void {
    // A file is a suite, named by its path.
    const [now, program] = [performance.now(), programOf(data)];
    this.#reportedAt.set(program, now);
    if (type === "test:dequeue" && this.#isFile.has(data.name)) this.#started.set(data.name, { at: now, program });
    const started = type === "test:complete" ? this.#started.get(data.name) : undefined;
    if (type !== "test:complete" || started === undefined) return;
    this.#started.delete(data.name);
    this.#durations.set(relative(this.#folder, data.name), now - started.at);
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
    this.#durations.set(relative(this.#folder, file), performance.now() - (this.#started.get(file)?.at ?? performance.now()));
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

  /** The running files whose process has reported nothing for so long: however many tests a file has, the next one ends it. */
  silentFor(ms: number): string[] {
    const before = performance.now() - ms;
    const isSilent = ({ program }: { program: string }): boolean => (this.#reportedAt.get(program) ?? 0) < before;
    return [...this.#started].filter(([, started]) => isSilent(started)).map(([file]) => relative(this.#folder, file));
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
    const running = [...this.#started].map(([file, { at }]) => `${relative(this.#folder, file)} ${clock(now - at)}`).join(", ");
    const failed = this.#failed() > 0 ? `, ${this.#failed()} failed` : "";
    const line = `${this.#durations.size} of ${this.#isFile.size} files, ${clock(now - this.#startedAt)}${failed}; running: ${running}`;
    process.stdout.write(process.stdout.isTTY ? `\r\u001B[K${line.slice(0, process.stdout.columns - 1)}` : `${line}\n`);
  }
}
