import { readFileSync } from "node:fs";

import { type AuditHead, type AuditVerdict, verifyAudit } from "@aivillage/access-log";
import { defined } from "@aivillage/middleware";

import { CommandError } from "../cli-error.ts";
import type { CliIo } from "../cli-io.ts";
import { printable } from "../table.ts";

/** The flags of `audit verify`. */
export interface VerifyAuditFlags {
  readonly keyFile?: string;
  readonly head?: string;
  readonly first?: string;
  readonly json?: boolean;
}

/** `audit verify`: prints what is wrong with a log, and its head to keep for the next check. */
export async function verifyFiles(files: readonly string[], options: VerifyAuditFlags, io: CliIo): Promise<number> {
  const [only = ""] = files;
  const verdict = await verifyAudit(files.length === 1 ? only : files, {
    ...defined({ key: options.keyFile === undefined ? undefined : readKey(options.keyFile) }),
    ...defined({ head: options.head === undefined ? undefined : readHead(options.head) }),
    ...defined({ first: options.first === undefined ? undefined : Number(options.first) }),
  });
  io.stdout.write(options.json === true ? `${JSON.stringify(verdict, undefined, 2)}\n` : describe(verdict, options.keyFile !== undefined));
  return verdict.valid ? 0 : 3;
}

/** Without white space around it, such as a line break at the end. */
function readKey(path: string): string {
  const key = readFileSync(path, "utf8").trim();
  if (key === "") throw new CommandError(`the key file ${path} is empty`);
  return key;
}

function readHead(text: string): AuditHead {
  const [, seq, digest = ""] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined) throw new CommandError("--head must be a number and a digest, as in the output of an earlier check", 2);
  return { seq: Number(seq), digest };
}

/** A log of the wrong key would have a line for each of its own. */
const mostShown = 10;

function describe(
  { valid, problems, problemCount, hasOtherKey, lines, head, unsealed = 0, isTorn }: AuditVerdict,
  hasKey: boolean,
): string {
  const found = problems
    .slice(0, mostShown)
    .map(({ file, line, problem }) => `${printable(file)}${line === undefined ? "" : `:${line}`}: ${problem}\n`);
  const otherKey = hasKey
    ? "no line has a digest of this key: the log was written with another key, or without one\n"
    : "no line has a digest without a key: the log was written with one, so give --key-file FILE\n";
  return [
    ...found,
    ...(problemCount > mostShown ? [`${problemCount - mostShown} more problems are not shown\n`] : []),
    ...(hasOtherKey ? [otherKey] : []),
    `${valid ? "valid" : "not valid"}: ${lines} valid lines, head ${head.seq}:${head.digest}\n`,
    ...(unsealed > 0 ? [`the last ${unsealed} lines are not named by the head file: the log is in use, or its process was killed\n`] : []),
    ...(isTorn ? ["the last line is incomplete: the log is in use, or its process was killed\n"] : []),
  ].join("");
}
