import { createHmac, hash } from "node:crypto";

/** A secret, or nothing for a chain of plain SHA-256. */
export type AuditKey = string | Uint8Array | undefined;

/** Where a chain has come to: the number and the digest of a line. Keep it elsewhere to detect that a log was cut off and its head file set back. */
export interface AuditHead {
  /** Number of the line; 0 before the first one. */
  readonly seq: number;
  /** Digest of the line in hexadecimal. */
  readonly digest: string;
}

/** What the first line refers to. */
export const chainStart: AuditHead = { seq: 0, digest: "0".repeat(64) };

/** HMAC-SHA-256 with a key, SHA-256 without. */
function digestOf(content: string | Uint8Array, key: AuditKey): string {
  return key === undefined ? hash("sha256", content) : createHmac("sha256", key).update(content).digest("hex");
}

/** A line with its line break, and the head after it. The digest covers every byte before it. */
export function makeLine(
  before: AuditHead,
  time: string,
  record: string,
  key: AuditKey,
): { readonly text: string; readonly head: AuditHead } {
  const seq = before.seq + 1;
  const covered = `{"seq":${seq},"time":"${time}","record":${record},"previous":"${before.digest}"`;
  const digest = digestOf(covered, key);
  return { text: `${covered},"digest":"${digest}"}\n`, head: { seq, digest } };
}

/** A line as it was read. */
export interface ReadLine extends AuditHead {
  readonly previous: string;
  /** In milliseconds. */
  readonly timeMs: number;
}

const form = /^\{"seq":(\d{1,15}),"time":"([^"]+)","record":.*,"previous":"([0-9a-f]{64})","digest":"([0-9a-f]{64})"\}$/s;
const digestBytes = `,"digest":"${chainStart.digest}"}`.length;

/** Reads a line without its line break. Returns what is wrong with one that was not written with this key, or was changed. */
export function readLine(line: Buffer, key: AuditKey): ReadLine | "malformed" | "digest" {
  // Latin 1 keeps every byte.
  const [, seq, time = "", previous, digest] = form.exec(line.toString("latin1")) ?? [];
  if (previous === undefined || digest === undefined) return "malformed";
  if (digestOf(line.subarray(0, line.length - digestBytes), key) !== digest) return "digest";
  return { seq: Number(seq), digest, previous, timeMs: Date.parse(time) };
}

/** The content of a head file. It always has the same length, below that of a disk's sector, and is so written as a whole. */
export function makeHead({ seq, digest }: AuditHead, key: AuditKey): string {
  const seal = digestOf(`head ${seq} ${digest}`, key);
  return `${`{"seq":${seq},"digest":"${digest}","seal":"${seal}"}`.padEnd(headBytes - 1)}\n`;
}

const headBytes = 256;
const headForm = /^\{"seq":(\d{1,15}),"digest":"([0-9a-f]{64})","seal":"([0-9a-f]{64})"\} +\n$/;

/** Reads a head file; `undefined` for one that was not written with this key, or was changed. */
export function readHead(content: Buffer, key: AuditKey): AuditHead | undefined {
  const [, seq, digest, seal] = headForm.exec(content.toString("latin1")) ?? [];
  if (digest === undefined || digestOf(`head ${seq} ${digest}`, key) !== seal) return undefined;
  return { seq: Number(seq), digest };
}
