import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

import { headPath, rotatedFiles } from "./audit-files.ts";
import { type AuditHead, type AuditKey, chainStart, readHead, readLine, type ReadLine } from "./chain.ts";
import { longestLine } from "./read-lines.ts";

/** Where a log goes on. */
export interface Recovered {
  readonly head: AuditHead;
  /** Bytes of the whole lines of the file; what follows was being written when its process stopped. */
  readonly bytes: number;
  /** The first line of the file; none for an empty one. */
  readonly first: ReadLine | undefined;
}

const remedy = "check it with `verifyAudit()` or `aivillage-gateway audit verify`, and move it and its head file away to begin a new log";

/**
 * Finds the end of a log.
 *
 * @throws Error for a log that was damaged at its end or cut off, or that has another key
 */
export function recoverAudit(path: string, key: AuditKey): Recovered {
  const current = endOf(path, key);
  const rotated = rotatedFiles(path).at(-1);
  const last = current?.last ?? (rotated === undefined ? undefined : endOf(rotated, key)?.last);
  const head: AuditHead = last === undefined ? chainStart : { seq: last.seq, digest: last.digest };
  const sealed = existsSync(headPath(path)) ? readHead(readFileSync(headPath(path)), key) : undefined;
  if (sealed === undefined && (last !== undefined || existsSync(headPath(path)))) {
    throw new Error(`its head file is missing, was changed or has another key; ${remedy}`);
  }
  if (sealed !== undefined && sealed.seq > head.seq) {
    throw new Error(`it ends with number ${head.seq}, but its head file names ${sealed.seq}; ${remedy}`);
  }
  return { head, bytes: current?.bytes ?? 0, first: current?.first };
}

interface End {
  readonly bytes: number;
  readonly first: ReadLine;
  readonly last: ReadLine;
}

/** The last whole line of a file and the first; `undefined` for a file without one. */
function endOf(path: string, key: AuditKey): End | undefined {
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const tail = part(fd, Math.max(0, size - 2 * longestLine - 2), size);
    const end = tail.lastIndexOf(10);
    if (end === -1) return emptyOf(size);
    const begin = end === 0 ? 0 : tail.lastIndexOf(10, end - 1) + 1;
    const start = part(fd, 0, Math.min(size, longestLine + 1));
    return {
      bytes: size - tail.length + end + 1,
      first: valid(start.subarray(0, start.indexOf(10)), key),
      last: valid(tail.subarray(begin, end), key),
    };
  } finally {
    closeSync(fd);
  }
}

/** A first line that was broken off is short. */
function emptyOf(size: number): undefined {
  if (size > longestLine) throw new Error(`it is no audit log; ${remedy}`);
}

function valid(bytes: Buffer, key: AuditKey): ReadLine {
  const line = readLine(bytes, key);
  if (typeof line === "object") return line;
  throw new Error(`a line is damaged or has another key; ${remedy}`);
}

function part(fd: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
}
