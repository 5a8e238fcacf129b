import { isAbsolute, relative } from "node:path";
import type { TestEvent } from "node:test/reporters";

import { cpuSeconds, readCpuDiagnostic } from "./cpu-seconds.ts";
import { failureReason } from "./failure-reason.ts";
import { PrintedText } from "./printed-text.ts";
import { clock, programOf } from "./test-progress.ts";

type FailureData = Extract<TestEvent, { type: "test:fail" }>["data"];

interface Failure {
  readonly headline: string;
  readonly reason: string;
  /** The test file that it happened in. */
  readonly file: string;
}

const slowest = 10;

/** Collects the results of a test run, and prints them at the end. */
export class TestReport {
  readonly #folder: string;
  readonly #startedAt = performance.now();
  readonly #failures: Failure[] = [];
  readonly #leftOut = new Map<string, Set<string>>();
  readonly #cpuSeconds = new Map<string, number>();
  readonly #counts = { tests: 0, pass: 0, fail: 0, skipped: 0, todo: 0 };
  readonly #notes: string[] = [];
  readonly #programFailures = new Map<string, FailureData>();
  readonly #printed = new PrintedText();
  /** The file that a program runs, by program. */
  readonly #current = new Map<string, string>();
  #filesOf: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How many tests have failed. */
  get failed(): number {
    return this.#failures.length;
  }

  /** What comes next are the events of these programs, each of which runs these files. */
  expect(filesOf: ReadonlyMap<string, readonly string[]>): void {
    this.#filesOf = filesOf;
  }

  /** Returns a line for what must be known at once, which is that a test failed. */
  see(event: TestEvent): string {
    const { type, data } = event;
    this.#printed.see(event);
    if (type === "test:start" && isAbsolute(data.name)) this.#current.set(programOf(data), data.name);
    if (type === "test:diagnostic") this.#note(data.message);
    if (type !== "test:pass" && type !== "test:fail") return "";
    if (this.#filesOf.has(data.name)) {
      if (type === "test:fail") this.#programFailures.set(data.name, data);
      return "";
    }
    if (data.details.type !== "suite") this.#count(type, data);
    if (data.skip !== undefined) this.#leaveOut(data.skip, this.#place(data));
    if (type === "test:pass" || data.todo !== undefined || !isOwn(data)) return "";
    const file = this.#current.get(programOf(data)) ?? programOf(data);
    return this.#fail(file, file === data.name ? this.#name(file) : `${this.#place(data)} ${data.name}`, failureReason(data));
  }

  /** Reports processes that ended too early; `broken` are the files that did not come to their end. A run that was cut off has ended the others. */
  settle(broken: readonly string[], isCutOff: boolean): string {
    if (isCutOff) this.#programFailures.clear();
    const withoutError = isCutOff ? "the run was cut off" : "its process ended without an error";
    return [...this.#filesOf].map(([program, files]) => this.#settleProgram(program, files, broken, withoutError)).join("");
  }

  /** The report, which ends with the counts. */
  text(durations: ReadonlyMap<string, number>): string {
    const parts = [this.#failed(), this.#slowFiles(durations), this.#perFolder(), this.#missing(), this.#summary()];
    return parts.filter((part) => part !== "").join("\n");
  }

  #settleProgram(program: string, files: readonly string[], broken: readonly string[], withoutError: string): string {
    const failure = this.#programFailures.get(program);
    const file = files.find((each) => broken.includes(each));
    const reason = failure === undefined ? withoutError : failureReason(failure);
    if (file !== undefined) return this.#fail(file, `${this.#name(file)} did not come to its end`, reason);
    const all = files.map((each) => this.#name(each)).join(", ");
    return failure === undefined ? "" : this.#fail(files.at(-1) ?? program, `the process of ${all}`, reason);
  }

  #fail(file: string, title: string, reason: string): string {
    const headline = `✖ ${title}\n`;
    this.#failures.push({ headline, reason, file });
    return headline;
  }

  #failed(): string {
    const one = ({ headline, reason, file }: Failure): string => {
      const printed = this.#printed.take(file);
      return `${headline}${indent(reason)}${printed === "" ? "" : `\n  The file printed:\n${indent(printed.trimEnd())}`}\n`;
    };
    return this.#failures.map(one).join("\n");
  }

  #count(type: "test:pass" | "test:fail", { skip, todo }: { skip?: string | boolean; todo?: string | boolean }): void {
    this.#counts.tests += 1;
    if (todo !== undefined) this.#counts.todo += 1;
    else if (skip !== undefined) this.#counts.skipped += 1;
    else this.#counts[type === "test:pass" ? "pass" : "fail"] += 1;
  }

  #leaveOut(reason: string | boolean, place: string): void {
    const why = typeof reason === "string" ? reason : "no reason given";
    this.#leftOut.set(why, (this.#leftOut.get(why) ?? new Set()).add(place));
  }

  #note(message: string): void {
    const cpu = readCpuDiagnostic(message);
    if (cpu !== undefined) this.#cpuSeconds.set(this.#name(cpu.file), cpu.seconds);
    // An error after the end of a test belongs to no test: the runner only notes it.
    else if (message.startsWith("Error:")) this.#notes.push(message);
  }

  #slowFiles(durations: ReadonlyMap<string, number>): string {
    const line = ([file, ms]: [string, number]): string => `  ${clock(ms)} ${inSeconds(this.#cpuSeconds.get(file) ?? 0)} ${file}\n`;
    const slow = [...durations].toSorted(([, a], [, b]) => b - a).slice(0, slowest);
    return `Slowest of ${durations.size} files, with their processor time:\n${slow.map(line).join("")}`;
  }

  #perFolder(): string {
    const folders = Map.groupBy(this.#cpuSeconds, ([file]) => file.split("/").slice(0, 2).join("/"));
    if (folders.size < 2) return "";
    const sums = [...folders].map(([folder, files]) => ({ folder, seconds: files.reduce((sum, [, seconds]) => sum + seconds, 0) }));
    const lines = sums.toSorted((a, b) => b.seconds - a.seconds).map(({ folder, seconds }) => `  ${inSeconds(seconds)} ${folder}\n`);
    return `Processor time of folders:\n${lines.join("")}`;
  }

  #missing(): string {
    const lines = [...this.#leftOut].map(([why, places]) => {
      const files = new Set([...places].map((place) => place.split(":")[0]));
      return `  ${places.size} ${places.size === 1 ? "test or suite" : "tests or suites"}: ${why} (${[...files].join(", ")})\n`;
    });
    return lines.length === 0 ? "" : `Left out:\n${lines.join("")}`;
  }

  #summary(): string {
    const counts = Object.entries(this.#counts).map(([name, count]) => `${name} ${count}`);
    const times = [`time ${clock(performance.now() - this.#startedAt)}`, `processor time${inSeconds(cpuSeconds())}`];
    return [...this.#notes, ...counts, ...times].map((line) => `ℹ ${line}\n`).join("");
  }

  #name(file: string): string {
    return relative(this.#folder, file);
  }

  #place({ file, line }: { file?: string; line?: number }): string {
    return file === undefined ? "" : `${this.#name(file)}:${line}`;
  }
}

/** A suite fails with its tests, and so does a file: only the test itself counts. */
function isOwn({ details: { error } }: FailureData): boolean {
  return !("failureType" in error) || error.failureType !== "subtestsFailed";
}

const indent = (text: string): string => text.replaceAll(/^/gm, "  ");

const inSeconds = (seconds: number): string => `${seconds.toFixed(1)} s`.padStart(8);
