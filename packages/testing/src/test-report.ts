import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

import { cpuSeconds, cpuSecondsOf } from "./cpu-seconds.ts";
import { clock } from "./test-progress.ts";

type Failure = Extract<TestEvent, { type: "test:fail" }>["data"];

const slowest = 10;
/** As much of what a file printed as is shown when it failed. */
const lastCharacters = 4_000;

/** Collects what a run of tests has to tell, and writes it down at the end. */
export class TestReport {
  readonly #folder: string;
  readonly #failures: Failure[] = [];
  readonly #leftOut = new Map<string, Set<string>>();
  readonly #printed = new Map<string, string>();
  readonly #cpuSeconds = new Map<string, number>();
  #summary: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How many tests have failed. */
  get failed(): number {
    return this.#failures.length;
  }

  /** Returns a line for what must be known at once, which is that a test failed. */
  see({ type, data }: TestEvent): string {
    const hasFailed = type === "test:fail" && data.todo === undefined && isOwn(data);
    if (hasFailed) this.#failures.push(data);
    if (type === "test:pass" && data.skip !== undefined) this.#leaveOut(data.skip, this.#place(data));
    if ((type === "test:stdout" || type === "test:stderr") && data.file !== undefined) {
      this.#printed.set(data.file, `${this.#printed.get(data.file) ?? ""}${data.message}`.slice(-lastCharacters));
    }
    if (type === "test:diagnostic") this.#note(data.message, data.file);
    return hasFailed ? this.#headline(data) : "";
  }

  /** The report, which ends with the counts of the test runner. */
  text(durations: ReadonlyMap<string, number>): string {
    const parts = [this.#failed(), this.#slowFiles(durations), this.#missing(), this.#summary.map((line) => `ℹ ${line}\n`).join("")];
    return parts.filter((part) => part !== "").join("\n");
  }

  #failed(): string {
    const one = (failure: Failure): string => {
      return `${this.#headline(failure)}${indent(reasonOf(failure))}${this.#printedBy(failure)}\n`;
    };
    return this.#failures.map(one).join("\n");
  }

  #headline(failure: Failure): string {
    return `✖ ${this.#place(failure)} ${failure.name === failure.file ? "the file itself" : failure.name}\n`;
  }

  #printedBy({ file }: Failure): string {
    const printed = this.#printed.get(file ?? "") ?? "";
    this.#printed.delete(file ?? "");
    return printed === "" ? "" : `\n  The file printed:\n${indent(printed.trimEnd())}`;
  }

  #leaveOut(reason: string | boolean, place: string): void {
    const why = typeof reason === "string" ? reason : "no reason given";
    this.#leftOut.set(why, (this.#leftOut.get(why) ?? new Set()).add(place));
  }

  #note(message: string, file: string | undefined): void {
    // The runner's own counts are the diagnostics that belong to no file.
    if (file === undefined) return void this.#summary.push(message);
    const seconds = cpuSecondsOf(message);
    if (seconds !== undefined) this.#cpuSeconds.set(relative(this.#folder, file), seconds);
  }

  #slowFiles(durations: ReadonlyMap<string, number>): string {
    const line = ([file, ms]: [string, number]): string => `  ${clock(ms)} ${cpu(this.#cpuSeconds.get(file) ?? 0)} ${file}\n`;
    const slow = [...durations].toSorted(([, a], [, b]) => b - a).slice(0, slowest);
    return `Slowest of ${durations.size} files, with their processor time,${cpu(cpuSeconds())} for all:\n${slow.map(line).join("")}`;
  }

  #missing(): string {
    const lines = [...this.#leftOut].map(([why, places]) => {
      const files = new Set([...places].map((place) => place.split(":")[0]));
      return `  ${places.size} ${places.size === 1 ? "test or suite" : "tests or suites"}: ${why} (${[...files].join(", ")})\n`;
    });
    return lines.length === 0 ? "" : `Left out:\n${lines.join("")}`;
  }

  #place({ file, line }: { file?: string; line?: number }): string {
    return file === undefined ? "" : `${relative(this.#folder, file)}:${line}`;
  }
}

/** A suite fails with its tests, and so does a file: only the test itself counts. */
function isOwn({ details: { error } }: Failure): boolean {
  return !("failureType" in error) || error.failureType !== "subtestsFailed";
}

/** The message and where in our code it comes from. */
function reasonOf({ details: { error } }: Failure): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return String(cause ?? error.message);
  const text = cause.name === "AssertionError" ? (cause.stack ?? cause.message) : inspect(cause);
  return text.replaceAll(/^ +at .*\bnode:.*\n?/gm, "").trimEnd();
}

const indent = (text: string): string => text.replaceAll(/^/gm, "  ");

const cpu = (seconds: number): string => `${seconds.toFixed(1)} s`.padStart(8);
