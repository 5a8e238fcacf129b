import { option, readOptions } from "@aivillage/middleware";

import { packageName } from "../options.ts";
import { isAuditLogPath } from "./audit-files.ts";
import { checkKey, keyRule } from "./key.ts";

/** Options of `auditLog()`. */
export interface AuditLogOptions {
  /**
   * File that the records are appended to. One process alone writes it. Older files, the head file and the lock stand beside it, so its name must
   * not end as theirs do: in `.head`, `.lock`, or a dot and 12 digits.
   */
  path: string;
  /**
   * Secret of at least 16 bytes for the digests. Without it anyone who can write the file can also rebuild the chain. Default: none, plain SHA-256.
   */
  key?: string | Uint8Array;
  /**
   * When a record is on the disk: `always` as soon as it is written, `second` within a second, `never` when the operating system writes it. A
   * process that is killed loses only records of the last moment with any of them. Default `second`.
   */
  fsync?: "always" | "second" | "never";
  /** Size from which a new file begins, in bytes. Default 67,108,864. */
  maxBytes?: number;
  /** Whether a new file begins with every day in UTC. Default false. */
  daily?: boolean;
  /** What `handler` does while the log cannot be written: `refuse` responds with 503, `continue` lets requests pass. Default `continue`. */
  onFailure?: "refuse" | "continue";
  /** Most records that wait for the disk; further ones are lost, and counted in the log. Default 10,000. */
  maxWaiting?: number;
}

export function readAuditLogOptions(given: AuditLogOptions) {
  const options = readOptions<AuditLogOptions, typeof rules>(packageName, given, rules);
  return { ...options, key: checkKey(options.key) };
}

const rules = {
  path: option.custom<string>(
    "a path that does not end in .head, .lock, or a dot and 12 digits",
    "",
    (value) => typeof value === "string" && isAuditLogPath(value),
  ),
  key: keyRule,
  fsync: option.oneOf(["always", "second", "never"], "second"),
  maxBytes: option.integer(67_108_864, { min: 1_024 }),
  daily: option.boolean(false),
  onFailure: option.oneOf(["refuse", "continue"], "continue"),
  maxWaiting: option.integer(10_000, { min: 1, max: 1_000_000 }),
};
