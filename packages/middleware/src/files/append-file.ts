import { closeSync, fdatasync, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync, write, writeSync } from "node:fs";
import { promisify } from "node:util";

import { folderToSync } from "./folder-to-sync.ts";

const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);

/** A file that only grows until it is replaced as a whole. One write runs at a time: the caller waits for it. */
export class AppendFile {
  readonly #path: string;
  #descriptor: Descriptor;
  #isTorn = false;
  #isFinished = false;
  /** What an append that runs is writing. */
  #underWay: Buffer | undefined;
  /** Size of what was written as a whole. */
  bytes: number;

  private constructor(path: string, fd: number, bytes: number) {
    this.#path = path;
    this.#descriptor = new Descriptor(fd);
    this.bytes = bytes;
  }

  /** Replaces what is there. Under its name the file has the old content or the new one, never a part. */
  static replace(path: string, content: string): AppendFile {
    const folder = folderToSync(path);
    let fd: number | undefined;
    try {
      fd = replaceFile(path, content);
      folder.syncNow();
      return new AppendFile(path, fd, Buffer.byteLength(content));
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      throw error;
    } finally {
      folder.close();
    }
  }

  /**
   * Opens a file to continue it, or makes it. An append ends before `finish()`, since the system puts each write at its end.
   *
   * @param bytes length to cut it to, for a file whose last write was broken off. Default: all of it
   */
  static open(path: string, bytes?: number): AppendFile {
    const folder = folderToSync(path);
    let fd: number | undefined;
    try {
      // For appending only, as an operator may have set it: such a file can be opened in no other way.
      fd = openSync(path, "a", 0o600);
      const { size } = fstatSync(fd);
      if (bytes !== undefined && bytes < size) ftruncateSync(fd, bytes);
      folder.syncNow();
      return new AppendFile(path, fd, Math.min(bytes ?? size, size));
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      throw error;
    } finally {
      folder.close();
    }
  }

  /** Appends a text. What an append that failed has left is cut off first, so that the file never has a part of a text in its middle. */
  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    this.#cutTorn();
    this.#underWay = bytes;
    this.#isTorn = true;
    try {
      await this.#descriptor.use(async (fd) => {
        for (let at = 0; at < bytes.length;) at += (await writeAsync(fd, bytes, at, bytes.length - at, this.bytes + at)).bytesWritten;
      });
    } finally {
      this.#underWay = undefined;
    }
    this.#isTorn = false;
    this.bytes += bytes.length;
  }

  /** Resolves when everything is on the disk. */
  async sync(): Promise<void> {
    if (!this.#isFinished) await this.#descriptor.use(syncAsync);
  }

  async replace(content: string): Promise<void> {
    const folder = folderToSync(this.#path);
    try {
      const before = this.#descriptor;
      this.#descriptor = new Descriptor(replaceFile(this.#path, content));
      before.close();
      this.bytes = Buffer.byteLength(content);
      this.#isTorn = false;
      folder.syncNow();
    } finally {
      folder.close();
    }
  }

  /**
   * Writes the last text behind that of an append that runs, puts both on the disk and closes, while the process ends.
   *
   * @throws Error if it cannot write them
   */
  finish(text = ""): void {
    this.#isFinished = true;
    const { fd } = this.#descriptor;
    try {
      if (this.#underWay === undefined) this.#cutTorn();
      // The append may have written all, a part or nothing, and may go on: the same bytes at the same place do no harm.
      writeWhole(fd, Buffer.concat([this.#underWay ?? Buffer.alloc(0), Buffer.from(text)]), this.bytes);
      fsyncSync(fd);
    } finally {
      this.#descriptor.close();
    }
  }

  #cutTorn(): void {
    if (this.#isTorn) ftruncateSync(this.#descriptor.fd, this.bytes);
  }
}

/** An open file that is closed when nothing in the thread pool uses it: from then on its number may be that of another file. */
class Descriptor {
  readonly fd: number;
  #users = 0;
  #isDone = false;

  constructor(fd: number) {
    this.fd = fd;
  }

  async use(operation: (fd: number) => Promise<void>): Promise<void> {
    this.#users += 1;
    try {
      await operation(this.fd);
    } finally {
      this.#users -= 1;
      this.#closeIfUnused();
    }
  }

  close(): void {
    this.#isDone = true;
    this.#closeIfUnused();
  }

  #closeIfUnused(): void {
    if (this.#isDone && this.#users === 0) closeSync(this.fd);
  }
}

/** Returns the open file. Its name is durable when its folder is synced. */
function replaceFile(path: string, content: string): number {
  const fd = openSync(`${path}.new`, "w", 0o600);
  try {
    writeWhole(fd, Buffer.from(content), 0);
    fsyncSync(fd);
    renameSync(`${path}.new`, path);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

function writeWhole(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}
