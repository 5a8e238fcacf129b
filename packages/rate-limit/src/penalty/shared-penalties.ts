import type { PenaltyRecord, PenaltyRecords } from "../penalty-records.ts";
import type { PenaltyBox } from "./penalty-box.ts";

/** A change that this process has made: a penalty, or none any more. */
interface Change {
  readonly record: PenaltyRecord | undefined;
  readonly madeAtMs: number;
}

/**
 * Keeps a box the same as those of other processes. While the shared store is down, each process goes on with what it knows, and writes it
 * there when the store is back.
 */
export class SharedPenalties {
  readonly #records: PenaltyRecords;
  readonly #box: PenaltyBox;
  readonly #now: () => number;
  #version = "";
  /** Changes that this process has made, by which it knows a snapshot that is older than they. */
  #changes = 0;
  /** The last change of each client that has not arrived. There are no more than the box has room for, and those it has let go of. */
  readonly #unsent = new Map<string, Change>();
  #isReading = false;

  constructor(records: PenaltyRecords, box: PenaltyBox, now: () => number) {
    this.#records = records;
    this.#box = box;
    this.#now = now;
    this.read();
  }

  /** Takes over what others have changed. */
  read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#takeOver()
      .catch(() => undefined)
      .finally(() => (this.#isReading = false));
  }

  async #takeOver(): Promise<void> {
    const changes = this.#changes;
    await Promise.all([...this.#unsent].map(([key, change]) => this.#send(key, change)));
    // What others know is older than that.
    if (this.#unsent.size > 0) return;
    const snapshot = await this.#records.read(this.#version, this.#box.longestMs);
    if (snapshot === undefined || changes !== this.#changes) return;
    this.#version = snapshot.version;
    this.#box.replace(snapshot.records, this.#now());
  }

  write(record: PenaltyRecord): void {
    this.#change(record.key, record);
  }

  remove(key: string): void {
    this.#change(key, undefined);
  }

  #change(key: string, record: PenaltyRecord | undefined): void {
    const change = { record, madeAtMs: this.#now() };
    this.#changes += 1;
    this.#unsent.set(key, change);
    void this.#send(key, change);
  }

  /** One that does not arrive is sent again before the next look. */
  async #send(key: string, change: Change): Promise<void> {
    const record = change.record && aged(change.record, this.#now() - change.madeAtMs);
    try {
      if (record === undefined) await this.#records.remove(key);
      else if (!isForgotten(record)) await this.#records.write(record);
      if (this.#unsent.get(key) === change) this.#unsent.delete(key);
    } catch {
      return;
    }
  }
}

function aged(record: PenaltyRecord, ms: number): PenaltyRecord {
  return { ...record, remainingMs: record.remainingMs - ms };
}

function isForgotten({ remainingMs, durationMs }: PenaltyRecord): boolean {
  return remainingMs < -durationMs;
}
