import { setTimeout as delay } from "node:timers/promises";

import { Deadline, DeadlineError } from "./deadline.ts";

const failuresToOpen = 3;
/** How long a probe without a response holds back the next one. */
const lateMs = 2_000;

interface OutageDetectorOptions {
  readonly deadlineMs: number;
  readonly probeEveryMs: number;
  /** Rejects, or takes too long, while the other side is down. */
  readonly probe: () => PromiseLike<unknown>;
  readonly onChange: (available: boolean, reason: string | undefined) => void;
}

/**
 * Keeps a deadline on every operation and refuses at once after failures in a row: at least three, for at least as long as the
 * deadline, so that one short halt, in which many operations fail together, is no outage.
 *
 * While it refuses, one probe at a time looks in the background whether the other side is back; the next one follows when the one
 * before succeeded, has failed, or is two seconds old, so that little piles up. One that succeeds in time ends the outage.
 */
export class OutageDetector {
  readonly #options: OutageDetectorOptions;
  readonly #deadline: Deadline;
  #failures = 0;
  #failingSinceMs = 0;
  #isOpen = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OutageDetectorOptions) {
    this.#options = options;
    this.#deadline = new Deadline(options.deadlineMs);
  }

  /** True while operations are refused. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  async run<T>(operation: () => PromiseLike<T>): Promise<T> {
    if (this.#isOpen) throw new Error("the store is unavailable");
    try {
      const value = await this.#deadline.keep(operation());
      this.#failures = 0;
      return value;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Stops probing. What fails from now on is no outage: the connection is often closed with the store. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1) this.#failingSinceMs = performance.now();
    const isShort = performance.now() - this.#failingSinceMs < this.#options.deadlineMs;
    if (this.#isClosed || this.#isOpen || this.#failures < failuresToOpen || isShort) return;
    this.#isOpen = true;
    this.#options.onChange(false, error instanceof Error ? error.message : String(error));
    this.#probeLater();
  }

  #probeLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#probe(), this.#options.probeEveryMs).unref();
  }

  async #probe(): Promise<void> {
    const reply = Promise.resolve().then(this.#options.probe);
    try {
      await this.#deadline.keep(reply);
      this.#end();
    } catch (error) {
      // A late response, good or bad, shows that it is worth asking again, no more than that.
      if (error instanceof DeadlineError) await Promise.race([reply, delay(lateMs, undefined, { ref: false })]).catch(nothing);
      this.#probeLater();
    }
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isOpen = false;
    this.#failures = 0;
    this.#options.onChange(true, undefined);
  }
}

function nothing(): void {
  // What became of a late probe does not matter.
}
