import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const numberDigits = 12;
const numbered = /\.\d{12}$/;

/** Whether a log may have this name: it is none that a log gives the files beside it, which would be taken for those of another log. */
export function isAuditLogPath(path: string): boolean {
  return path !== "" && isCurrent(path) && !isCompanion(path);
}

/** Whether a file stands beside a log and has no lines. */
export function isCompanion(path: string): boolean {
  return /\.(?:head|lock)$/.test(path);
}

/** The file that says how far a log goes. */
export function headPath(path: string): string {
  return `${path}.head`;
}

/** The name of a file that is not written any more. Names sort as their lines do. */
export function rotatedPath(path: string, firstSeq: number): string {
  return `${path}.${String(firstSeq).padStart(numberDigits, "0")}`;
}

/** Whether a file is the one that is written, by its name. */
export function isCurrent(path: string): boolean {
  return !numbered.test(path);
}

/** The files of a log that are not written any more, the oldest first. */
export function rotatedFiles(path: string): string[] {
  const folder = dirname(path);
  const name = basename(path);
  return readdirSync(folder)
    .filter((each) => each.startsWith(`${name}.`) && each.length === name.length + numberDigits + 1 && numbered.test(each))
    .toSorted()
    .map((each) => join(folder, each));
}
