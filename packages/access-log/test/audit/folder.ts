import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { auditLog, type AuditLogOptions } from "../../src/index.ts";

export const key = "a key of sixteen bytes";

/** Writes a log of some records and closes it. */
export async function writeLog(options: AuditLogOptions, count: number): Promise<void> {
  const audit = auditLog(options);
  for (let call = 1; call <= count; call += 1) {
    audit.write({ principal: "ada", model: "gpt-4o", call });
    await audit.flushed();
  }
  await audit.close();
}

/** The files of a log with lines, the oldest first. */
export function logFiles(path: string): string[] {
  const folder = dirname(path);
  const older = readdirSync(folder).filter((name) => /\.\d{12}$/.test(name));
  return [...older.toSorted().map((name) => join(folder, name)), path];
}

/** The records in a log. */
export function recordsOf(path: string): Record<string, unknown>[] {
  const lines = logFiles(path).flatMap((file) => readFileSync(file, "utf8").split("\n").slice(0, -1));
  return lines.map((line) => (JSON.parse(line) as { record: Record<string, unknown> }).record);
}
