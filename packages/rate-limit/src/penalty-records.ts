/** How often each process looks for what others have changed, in milliseconds. */
export const lookEveryMs = 1_000;

/** A penalty as processes exchange it. */
export interface PenaltyRecord {
  /** Who is penalised. */
  readonly key: string;
  readonly reason: string;
  /** How long it lasts as a whole. */
  readonly durationMs: number;
  /** How long it still lasts; negative once it has ended, and it is remembered for as long as it has lasted. */
  readonly remainingMs: number;
}

/** All records as of some change. */
export interface PenaltySnapshot {
  /** Differs from that of every other state. */
  readonly version: string;
  readonly records: readonly PenaltyRecord[];
}

/** Where the processes that share a store keep their penalties. */
export interface PenaltyRecords {
  /** What is there; `undefined` when it is still the version that is known. None may last longer than `longestMs`. */
  read(known: string, longestMs: number): PromiseLike<PenaltySnapshot | undefined>;
  write(record: PenaltyRecord): PromiseLike<void>;
  remove(key: string): PromiseLike<void>;
}
