import { closeSync, constants, existsSync, fdatasync, openSync, renameSync, writeSync } from "node:fs";
import { promisify } from "node:util";

import { AppendFile, lockFile } from "@aivillage/middleware";

import { headPath, rotatedPath } from "./audit-files.ts";
import { type AuditHead, type AuditKey, makeHead } from "./chain.ts";
import { recoverAudit } from "./recover.ts";

const syncAsync = promisify(fdatasync);

/** What decides when a new file begins. */
export interface Rotation {
  readonly maxBytes: number;
  readonly daily: boolean;
}

/** Lines that are written at once. */
export interface Batch {
  readonly text: string;
  readonly firstSeq: number;
  readonly firstTimeMs: number;
  /** After the last of them. */
  readonly head: AuditHead;
}

/** The files of a log: the one that is written, those before it, and its head file. */
export class AuditWriter {
  readonly #path: string;
  readonly #key: AuditKey;
  readonly #rotation: Rotation;
  readonly #unlock: () => void;
  readonly #headFd: number;
  #file: AppendFile;
  /** Whether the file that is written has the name of a rotated one already, since a rotation failed later. */
  #isRenamed = false;
  /** The first line of the file. */
  #first: { readonly seq: number; readonly timeMs: number } | undefined;
  /** After the last line that was written. */
  head: AuditHead;

  /** @throws Error for a log that cannot go on, or that another process writes */
  constructor(path: string, key: AuditKey, rotation: Rotation) {
    this.#path = path;
    this.#key = key;
    this.#rotation = rotation;
    this.#unlock = lockFile(path);
    try {
      const { head, bytes, first } = recoverAudit(path, key);
      this.head = head;
      this.#first = first;
      // Before any line: a log without its head file is refused.
      this.#headFd = openSync(headPath(path), constants.O_RDWR | constants.O_CREAT, 0o600);
      this.#writeHead();
      this.#file = AppendFile.open(path, bytes);
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  async append({ text, firstSeq, firstTimeMs, head }: Batch): Promise<void> {
    if (this.#mustRotate(firstTimeMs)) this.#rotate();
    await this.#file.append(text);
    this.#first ??= { seq: firstSeq, timeMs: firstTimeMs };
    this.head = head;
  }

  /** Puts the lines on the disk if requested, then names the last one in the head file: it never names a line that may be lost. */
  async seal(mustSync: boolean): Promise<void> {
    const { head } = this;
    if (mustSync) await this.#file.sync();
    this.#writeHead(head);
    if (mustSync) await syncAsync(this.#headFd);
  }

  close(): void {
    this.#file.finish();
    this.#writeHead();
    closeSync(this.#headFd);
    this.#unlock();
  }

  #mustRotate(timeMs: number): boolean {
    if (this.#first === undefined) return false;
    const { maxBytes, daily } = this.#rotation;
    return this.#file.bytes >= maxBytes || (daily && dayOf(timeMs) > dayOf(this.#first.timeMs));
  }

  /** A failed rotation is tried again with the next lines. The file is renamed once: after that the new one, without lines, has its name. */
  #rotate(): void {
    if (!this.#isRenamed && existsSync(this.#path)) renameSync(this.#path, rotatedPath(this.#path, this.#first?.seq ?? 0));
    this.#isRenamed = true;
    const before = this.#file;
    this.#file = AppendFile.open(this.#path);
    this.#isRenamed = false;
    before.finish();
    this.#first = undefined;
  }

  #writeHead(head = this.head): void {
    writeSync(this.#headFd, makeHead(head, this.#key), 0);
  }
}

/** Days in UTC. */
function dayOf(timeMs: number): number {
  return Math.floor(timeMs / 86_400_000);
}
