import { type Handler, OptionError } from "@aivillage/middleware";

import { auditAvailabilityChanged } from "../events.ts";
import { packageName } from "../options.ts";
import { auditHandler } from "./audit-handler.ts";
import { type AuditLogOptions, readAuditLogOptions } from "./audit-options.ts";
import { AuditWriter, type Batch } from "./audit-writer.ts";
import type { AuditHead } from "./chain.ts";
import { WaitingRecords } from "./waiting-records.ts";

/** Where records go: to a log, or from a worker to that of its primary. */
export interface AuditSink {
  /** Appends a record of plain values, later and in order. Never throws, so that a listener of an event may call it. */
  readonly write: (record: object) => void;
  /** Refuses requests with 503 while the log cannot be written, if `onFailure` is `refuse`. */
  readonly handler: Handler;
  /** Whether the log can be written. */
  readonly isAvailable: boolean;
  /** Resolves when the records up to now are written, with `fsync` other than `never` on the disk too; rejects if they cannot be. */
  flushed(): Promise<void>;
  /** Writes what waits and closes the files. A record that comes later is dropped. */
  close(): Promise<void>;
}

/** A log whose lines are chained, so that changes are detected. */
export interface AuditLog extends AuditSink {
  readonly path: string;
  /** The last line that was written. Send it elsewhere from time to time, and pass it to `verifyAudit()`. */
  readonly head: AuditHead;
}

/**
 * Opens or begins an audit log. A line that a crash broke off is cut off.
 *
 * @throws OptionError for an unknown or bad option, also for a log that was cut off or damaged at its end, has another key, or is in use
 */
export function auditLog(given: AuditLogOptions): AuditLog {
  const sink = new RunningLog(given);
  return {
    write: (record) => sink.write(record),
    handler: auditHandler(() => sink.refuses),
    path: given.path,
    get head() {
      return sink.head;
    },
    get isAvailable() {
      return sink.isAvailable;
    },
    flushed: () => sink.flushed(),
    close: () => sink.close(),
  };
}

const everyMs = 1_000;

type Options = ReturnType<typeof readAuditLogOptions>;

class RunningLog {
  readonly #options: Options;
  readonly #writer: AuditWriter;
  readonly #waiting: WaitingRecords;
  readonly #timer: NodeJS.Timeout;
  /** What could not be written stays as it is, so that it is written once. */
  #batch: Batch | undefined;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;
  #isUnsealed = false;
  #isSealDue = false;
  #isClosed = false;
  #lost = 0;

  constructor(given: AuditLogOptions) {
    this.#options = readAuditLogOptions(given);
    this.#writer = open(this.#options);
    this.#waiting = new WaitingRecords(this.#options.maxWaiting);
    this.#timer = setInterval(() => void this.#runSealing(), everyMs).unref();
  }

  get head(): AuditHead {
    return this.#writer.head;
  }

  get isAvailable(): boolean {
    return this.#failure === undefined;
  }

  get refuses(): boolean {
    return this.#failure !== undefined && this.#options.onFailure === "refuse";
  }

  write(record: object): void {
    if (this.#isClosed) return;
    this.#waiting.add(record);
    // After a failure the timer tries again.
    if (this.#failure === undefined) void this.#run();
  }

  async flushed(): Promise<void> {
    // A run that has begun may have taken its records before the last ones came.
    await this.#running;
    await this.#runSealing();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.flushed().catch(() => undefined);
    this.#writer.close();
  }

  #runSealing(): Promise<void> {
    this.#isSealDue = true;
    return this.#run();
  }

  #run(): Promise<void> {
    return (this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    }));
  }

  async #work(): Promise<void> {
    // Records of one turn of the event loop go together.
    await new Promise(setImmediate);
    try {
      while (this.#batch !== undefined || !this.#waiting.isEmpty) {
        await this.#writeBatch();
        if (this.#isSealDue || this.#options.fsync === "always") await this.#seal();
      }
      if (this.#isSealDue || this.#options.fsync === "always") await this.#seal();
      this.#recover();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  async #writeBatch(): Promise<void> {
    const { lost } = this.#waiting;
    this.#batch ??= this.#waiting.take(this.#writer.head, this.#options.key);
    this.#lost += lost - this.#waiting.lost;
    await this.#writer.append(this.#batch);
    this.#batch = undefined;
    this.#isUnsealed = true;
  }

  async #seal(): Promise<void> {
    this.#isSealDue = false;
    if (!this.#isUnsealed) return;
    await this.#writer.seal(this.#options.fsync !== "never");
    this.#isUnsealed = false;
  }

  #fail(error: Error): void {
    const isFirst = this.#failure === undefined;
    this.#failure = error;
    if (isFirst) this.#publish(false, error);
  }

  #recover(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#publish(true, undefined);
  }

  #publish(available: boolean, error: Error | undefined): void {
    const lost = this.#lost;
    this.#lost = 0;
    if (auditAvailabilityChanged.hasSubscribers) auditAvailabilityChanged.publish({ path: this.#options.path, available, error, lost });
  }
}

function open({ path, key, maxBytes, daily }: Options): AuditWriter {
  if (path === "") throw new OptionError({ packageName, option: "path", expected: "a path", got: "undefined" });
  try {
    return new AuditWriter(path, key, { maxBytes, daily });
  } catch (error) {
    const reason = `the audit log ${path} cannot be used: ${(error as Error).message}`;
    throw new OptionError({ packageName, option: "path", expected: "an audit log", reason, cause: error });
  }
}
