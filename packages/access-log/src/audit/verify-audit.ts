import { existsSync, readFileSync } from "node:fs";

import { option, readOptions } from "@aivillage/middleware";

import { packageName } from "../options.ts";
import { headPath, isCompanion, isCurrent, rotatedFiles } from "./audit-files.ts";
import { ChainCheck, type AuditProblem, type ExpectedHead } from "./chain-check.ts";
import { type AuditHead, type AuditKey, readHead } from "./chain.ts";
import { checkKey, keyRule } from "./key.ts";

/** Options of `verifyAudit()`. */
export interface VerifyAuditOptions {
  /** The key that the log was written with. Default: none, the log has plain digests. */
  key?: string | Uint8Array;
  /** A head that was kept elsewhere: the log must have that line. Default: the head file alone says how far the log goes. */
  head?: AuditHead;
  /** Number of the first line that must be there, for a log whose older files were moved away. Default 1. */
  first?: number;
}

/** What `verifyAudit()` found. */
export interface AuditVerdict {
  readonly valid: boolean;
  /** The first 100. */
  readonly problems: readonly AuditProblem[];
  /** How many there are. */
  readonly problemCount: number;
  /** No line has a digest of the given key: the log was written with another key. Without a key: it has one. */
  readonly hasOtherKey: boolean;
  /** Valid lines. */
  readonly lines: number;
  /** The last valid line. Keep it elsewhere and pass it as `head` the next time. */
  readonly head: AuditHead;
  /**
   * Lines after the one that the head file names: those of the last moment before a crash. That some of these were cut off cannot be detected.
   * `undefined` if no head file was read.
   */
  readonly unsealed: number | undefined;
  /** The last line is incomplete, as a crash leaves it. The log cuts it off when it is opened again. */
  readonly isTorn: boolean;
}

/**
 * Checks that nobody has changed, removed, inserted or reordered lines of a log, or cut it off. See the README for what it cannot detect.
 *
 * @param paths the path of the log, which stands for its older files too; or the files to check, in any order
 * @throws OptionError for a bad option, and the error of a file that cannot be read
 */
export async function verifyAudit(paths: string | readonly string[], options?: VerifyAuditOptions): Promise<AuditVerdict> {
  const { key, head, first } = readVerifyOptions(options);
  const files = filesOf(paths);
  const last = files.at(-1) ?? "";
  // Before the lines: the log may be in use.
  const sealed = isCurrent(last) ? readHeadFile(last, key) : undefined;
  const expected: ExpectedHead[] = head === undefined ? [] : [{ head, by: "the given head" }];
  if (typeof sealed === "object") expected.push({ head: sealed, by: "the head file" });
  const check = new ChainCheck(key, first, expected);
  if (typeof sealed === "string") check.report(headPath(last), undefined, sealed);
  for (const file of files) await check.file(file, file === last);
  check.end(last);
  return {
    valid: check.problems.length === 0,
    problems: check.problems,
    problemCount: check.problemCount,
    hasOtherKey: check.hasOtherKey,
    lines: check.lines,
    head: check.last,
    unsealed: typeof sealed === "object" ? Math.max(0, check.last.seq - sealed.seq) : undefined,
    isTorn: check.isTorn,
  };
}

/** The oldest first, the one that is written last. */
function filesOf(paths: string | readonly string[]): readonly string[] {
  if (typeof paths !== "string") {
    // A shell that completes `audit.log*` names them too.
    const logs = paths.filter((path) => !isCompanion(path));
    return [...logs.filter((path) => !isCurrent(path)).toSorted(), ...logs.filter(isCurrent)];
  }
  const rotated = rotatedFiles(paths);
  // A process that ends while it begins a new file leaves none.
  return rotated.length > 0 && !existsSync(paths) && existsSync(headPath(paths)) ? rotated : [...rotated, paths];
}

/** The head file of a log, or what is wrong with it. */
function readHeadFile(path: string, key: AuditKey): AuditHead | string {
  if (!existsSync(headPath(path))) return "the head file is missing: that the log was cut off cannot be ruled out";
  return readHead(readFileSync(headPath(path)), key) ?? "the head file was changed, or written with another key";
}

function readVerifyOptions(given: VerifyAuditOptions | undefined) {
  const { key, head, first } = readOptions<VerifyAuditOptions, typeof rules>(packageName, given, rules);
  return { key: checkKey(key), head, first };
}

const rules = {
  key: keyRule,
  head: option.custom<AuditHead | undefined>("an object with `seq` and `digest`", undefined, isHead),
  first: option.integer(1, { min: 1 }),
};

function isHead(value: unknown): boolean {
  const { seq, digest } = Object(value) as Record<string, unknown>;
  return Number.isSafeInteger(seq) && typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest);
}
