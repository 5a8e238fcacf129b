import { existsSync, readFileSync } from "node:fs";

import { AppendFile, lockFile } from "@aivillage/middleware";

import type { Change } from "../change.ts";
import { LineWriter, readJournal, type Recovered } from "./lines.ts";

/** When a change is on the disk: before the call goes on, within a second, or when the operating system wants. */
export type Fsync = "always" | "second" | "never";

export interface JournalSetup {
  readonly path: string;
  readonly fsync: Fsync;
  /** The file is rewritten, without what is over, when it is larger than this and has doubled. */
  readonly compactBytes: number;
  /** Called once before anything else, with what the file holds. */
  readonly restore: (recovered: readonly Recovered[]) => void;
  /** Everything that the file must hold. */
  readonly snapshot: () => Iterable<Change>;
  /** The file cannot be written; it is tried again every second. */
  readonly onFailure: (error: Error) => void;
}

/** The limit of what is kept for a slow disk. Beyond it the file is rewritten. */
const mostPending = 100_000;

/** Keeps the changes of a ledger in a file. Changes that come while the disk is busy are written together. */
export class Journal {
  readonly #options: JournalSetup;
  readonly #unlock: () => void;
  readonly #file: AppendFile;
  #writer = new LineWriter();
  #pending: Change[] = [];
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #isBusy = false;
  #isClosed = false;
  #isUnsynced = false;
  #mustRewrite = false;
  #rewriteAt: number;
  #failure: Error | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(options: JournalSetup) {
    this.#options = options;
    this.#unlock = lockFile(options.path);
    try {
      if (existsSync(options.path)) options.restore(readJournal(readFileSync(options.path, "utf8")));
      this.#file = AppendFile.replace(options.path, this.#whole());
    } catch (error) {
      this.#unlock();
      throw error;
    }
    this.#rewriteAt = Math.max(options.compactBytes, 2 * this.#file.bytes);
    this.#timer = setInterval(() => this.#onSecond(), 1_000).unref();
  }

  append(changes: readonly Change[]): void {
    if (this.#pending.length > mostPending) this.#mustRewrite = true;
    if (!this.#mustRewrite) this.#pending.push(...changes);
    if (!this.#isBusy && !this.#isClosed) this.#begin();
  }

  /** Resolves when all changes up to now are on the disk, and rejects if they cannot be written; `undefined` if nobody needs to wait. */
  durable(): Promise<void> | undefined {
    if (this.#options.fsync !== "always") return undefined;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (!this.#isBusy && this.#pending.length === 0) return undefined;
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Never throws, so that what else has to end does: a journal that cannot be written is reported. */
  close(): void {
    clearInterval(this.#timer);
    this.#isClosed = true;
    const failure = this.#finish();
    this.#unlock();
    for (const { resolve, reject } of this.#waiting) {
      if (failure === undefined) resolve();
      else reject(failure);
    }
  }

  #finish(): Error | undefined {
    try {
      this.#file.finish(this.#mustRewrite ? "" : this.#writer.line(this.#pending));
      // The changes that did not wait for a slow or failing disk are in the ledger only.
      if (this.#mustRewrite) AppendFile.replace(this.#options.path, this.#whole()).finish();
    } catch (error) {
      if (this.#failure === undefined) this.#options.onFailure(error as Error);
      return error as Error;
    }
    return undefined;
  }

  #begin(): void {
    this.#isBusy = true;
    // Changes of one turn of the event loop go together.
    setImmediate(() => void this.#write());
  }

  async #write(): Promise<void> {
    if (this.#isClosed) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      await this.#writePending();
      this.#failure = undefined;
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      if (!this.#isClosed) this.#fail(error as Error);
      for (const { reject } of waiting) reject(error as Error);
    }
    this.#isBusy = false;
    if (!this.#isClosed && (this.#pending.length > 0 || this.#waiting.length > 0)) this.#begin();
  }

  async #writePending(): Promise<void> {
    if (this.#mustRewrite || this.#file.bytes > this.#rewriteAt) return this.#rewrite();
    const text = this.#writer.line(this.#pending);
    this.#pending = [];
    await this.#file.append(text);
    if (this.#options.fsync === "always") await this.#file.sync();
    else this.#isUnsynced = true;
  }

  /** The ledger contains the changes that wait. */
  async #rewrite(): Promise<void> {
    this.#pending = [];
    await this.#file.replace(this.#whole());
    this.#mustRewrite = false;
    this.#rewriteAt = Math.max(this.#options.compactBytes, 2 * this.#file.bytes);
  }

  #whole(): string {
    this.#writer = new LineWriter();
    return this.#writer.header() + this.#writer.line(this.#options.snapshot());
  }

  /** A part of a line may stand in the file, so it is rewritten. */
  #fail(error: Error): void {
    if (this.#failure === undefined) this.#options.onFailure(error);
    this.#failure = error;
    this.#mustRewrite = true;
    this.#pending = [];
  }

  #onSecond(): void {
    if (this.#mustRewrite && !this.#isBusy) this.#begin();
    if (this.#options.fsync !== "second" || !this.#isUnsynced) return;
    this.#isUnsynced = false;
    this.#file.sync().catch((error: unknown) => this.#fail(error as Error));
  }
}
