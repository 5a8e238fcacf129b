import { close, closeSync, fdatasync, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync, write, writeSync } from "node:fs";
import { promisify } from "node:util";

import { folderToSync } from "./folder-to-sync.ts";

const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);
const closeAsync = promisify(close);

/** A file that only grows until it is replaced as a whole. One write runs at a time: the caller waits for it. */
export class AppendFile {
  readonly #path: string;
  #fd: number;
  #isTorn = false;
  /** Size of what was written as a whole. */
  bytes: number;

  private constructor(path: string, fd: number, bytes: number) {
    this.#path = path;
    this.#fd = fd;
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
   * Opens a file to continue it, or makes it.
   *
   * @param bytes length to cut it to, for a file whose last write was broken off. Default: all of it
   */
  static open(path: string, bytes?: number): AppendFile {
    const folder = folderToSync(path);
    let fd: number | undefined;
    try {
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
    if (this.#isTorn) ftruncateSync(this.#fd, this.bytes);
    this.#isTorn = true;
    for (let at = 0; at < bytes.length;) at += (await writeAsync(this.#fd, bytes, at)).bytesWritten;
    this.#isTorn = false;
    this.bytes += bytes.length;
  }

  /** Resolves when everything is on the disk. */
  sync(): Promise<void> {
    return syncAsync(this.#fd);
  }

  async replace(content: string): Promise<void> {
    const before = this.#fd;
    const folder = folderToSync(this.#path);
    try {
      this.#fd = replaceFile(this.#path, content);
      this.bytes = Buffer.byteLength(content);
      this.#isTorn = false;
      await closeAsync(before);
      folder.syncNow();
    } finally {
      folder.close();
    }
  }

  /** Writes the last text and closes, while the process ends. */
  finish(text = ""): void {
    writeWhole(this.#fd, text);
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }
}

/** Returns the open file. Its name is durable when its folder is synced. */
function replaceFile(path: string, content: string): number {
  const fd = openSync(`${path}.new`, "w", 0o600);
  try {
    writeWhole(fd, content);
    fsyncSync(fd);
    renameSync(`${path}.new`, path);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
