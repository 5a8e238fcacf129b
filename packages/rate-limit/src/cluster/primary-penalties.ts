import type { PenaltyRecord, PenaltySnapshot } from "../penalty-records.ts";

/** More are not kept; each process has a lower bound. */
const mostKept = 1_000_000;

interface Kept {
  readonly record: PenaltyRecord;
  readonly untilMs: number;
}

/** The penalties of all workers, in the primary. */
export class PrimaryPenalties {
  readonly #kept = new Map<string, Kept>();
  /** Distinguishes this primary from one that was attached before. */
  readonly #era = process.hrtime.bigint().toString(36);
  #changes = 0;

  read(known: string): PenaltySnapshot | undefined {
    const version = `${this.#era}.${this.#changes}`;
    if (version === known) return undefined;
    const nowMs = performance.now();
    this.#forgetEnded(nowMs);
    const records = Array.from(this.#kept.values(), ({ record, untilMs }) => ({ ...record, remainingMs: untilMs - nowMs }));
    return { version, records };
  }

  write(record: PenaltyRecord): void {
    if (this.#kept.size >= mostKept && !this.#kept.has(record.key)) return;
    this.#changes += 1;
    this.#kept.set(record.key, { record, untilMs: performance.now() + record.remainingMs });
  }

  remove(key: string): void {
    if (this.#kept.delete(key)) this.#changes += 1;
  }

  #forgetEnded(nowMs: number): void {
    for (const [key, { record, untilMs }] of this.#kept) if (untilMs + record.durationMs < nowMs) this.#kept.delete(key);
  }
}
