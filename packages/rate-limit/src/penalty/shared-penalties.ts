import type { PenaltyBox } from "./penalty-box.ts";
import type { PenaltyRecord, PenaltyRecords } from "./penalty-records.ts";

/** Keeps a box the same as those of other processes. While their common place is away, each goes on with what it knows. */
export class SharedPenalties {
  readonly #records: PenaltyRecords;
  readonly #box: PenaltyBox;
  readonly #now: () => number;
  #version = "";
  /** Changes that this process has made, by which it knows a snapshot that is older than they. */
  #changes = 0;
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
    const snapshot = await this.#records.read(this.#version);
    if (snapshot === undefined || changes !== this.#changes) return;
    this.#version = snapshot.version;
    this.#box.replace(snapshot.records, this.#now());
  }

  write(record: PenaltyRecord): void {
    this.#changes += 1;
    this.#records.write(record).then(undefined, () => undefined);
  }

  remove(key: string): void {
    this.#changes += 1;
    this.#records.remove(key).then(undefined, () => undefined);
  }
}
