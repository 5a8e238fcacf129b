import { close, closeSync, fdatasync, fsyncSync, openSync, renameSync, write, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);
const closeAsync = promisify(close);

/** A file that only grows until it is replaced as a whole. It is whole at every moment, whenever the process or the machine stops. */
export class JournalFile {
  readonly #path: string;
  #fd: number;
  bytes: number;

  /** Replaces what is there. */
  constructor(path: string, content: string) {
    this.#path = path;
    this.#fd = replaceFile(path, content);
    this.bytes = Buffer.byteLength(content);
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += (await writeAsync(this.#fd, bytes, at)).bytesWritten;
    this.bytes += bytes.length;
  }

  /** Resolves when everything is on the disk. */
  sync(): Promise<void> {
    return syncAsync(this.#fd);
  }

  async replace(content: string): Promise<void> {
    const before = this.#fd;
    this.#fd = replaceFile(this.#path, content);
    this.bytes = Buffer.byteLength(content);
    await closeAsync(before);
  }

  /** Writes the last text and closes, while the process ends. */
  finish(text: string): void {
    writeWhole(this.#fd, text);
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }
}

/** Under its name the file has the old content or the new one, never a part. Returns the open file. */
function replaceFile(path: string, content: string): number {
  const fd = openSync(`${path}.new`, "w", 0o600);
  try {
    writeWhole(fd, content);
    fsyncSync(fd);
    renameSync(`${path}.new`, path);
    syncFolder(dirname(path));
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

/** A new name is on the disk when its folder is. */
function syncFolder(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
