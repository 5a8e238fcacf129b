import { eventually } from "@aivillage/testing";

import type { AccessLogger, AccessLogLine } from "../src/index.ts";

type Recorded = AccessLogLine & Record<string, unknown>;

/** A logger that keeps what it gets. */
export interface Recorder extends AccessLogger {
  readonly entries: readonly { level: "info" | "warn" | "error"; line: Recorded; message: string }[];
  /** Waits for this many lines, and a little longer for one too many. */
  lines(count: number): Promise<readonly Recorded[]>;
}

export function recorder(): Recorder {
  const entries: { level: "info" | "warn" | "error"; line: Recorded; message: string }[] = [];
  const keep = (level: "info" | "warn" | "error") => (line: object, message: string) =>
    void entries.push({ level, line: line as Recorded, message });
  return {
    entries,
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
    async lines(count) {
      await eventually(() => entries.length >= count, `${count} lines`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (entries.length !== count) throw new Error(`expected ${count} lines, got ${JSON.stringify(entries)}`);
      return entries.map(({ line }) => line);
    },
  };
}
