import { hash } from "node:crypto";

import { penaltyChanged, type PenaltyState } from "../events.ts";
import type { PenaltyRecord } from "../penalty-records.ts";

/** A penalty as operators see it. */
export interface Penalty {
  /** Who is penalised, as `clear()` takes it. */
  readonly key: string;
  /** The same client in `penaltyChanged`. */
  readonly client: string;
  /** What it was penalised for last. */
  readonly reason: string;
  /** How long it still lasts. */
  readonly remainingMs: number;
}

/** The penalties that processes share. */
export interface PenaltyList {
  /** Who is penalised now, in no order. */
  readonly penalties: readonly Penalty[];
  /** False when there are more. */
  readonly isComplete: boolean;
}

interface Entry {
  readonly key: string;
  readonly client: string;
  reason: string;
  durationMs: number;
  untilMs: number;
  /** False once it has ended; it is then remembered for as long again, so that a relapse lasts twice as long. */
  active: boolean;
  /** Whether this process has imposed it, and so reports its end. */
  own: boolean;
}

/** Which clients are penalised, and for how long. A further offence restarts the penalty; one soon after its end doubles it. */
export class PenaltyBox {
  readonly #entries = new Map<string, Entry>();
  readonly #durations: { readonly durationMs: number; readonly maxDurationMs: number };
  readonly #maxKeys: number;

  constructor(options: { durationMs: number; maxDurationMs: number; maxKeys: number }) {
    this.#durations = options;
    this.#maxKeys = options.maxKeys;
  }

  /** The longest that a penalty may last, in milliseconds. */
  get longestMs(): number {
    return this.#durations.maxDurationMs;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  has(key: string, nowMs: number): boolean {
    const entry = this.#entries.get(key);
    if (entry?.active !== true) return false;
    if (nowMs < entry.untilMs) return true;
    end(entry, "expired");
    return false;
  }

  /** Starts a penalty, or starts it again. When there is no room, the lightest of the others ends. */
  add(key: string, reason: string, nowMs: number): PenaltyRecord {
    const wasActive = this.has(key, nowMs);
    const known = this.#entries.get(key);
    if (known === undefined) this.#makeRoom(nowMs);
    const durationMs = wasActive ? (known?.durationMs ?? 0) : this.#nextDuration(known, nowMs);
    const client = known?.client ?? digest(key);
    const entry = { key, client, reason, durationMs, untilMs: nowMs + durationMs, active: true, own: true };
    this.#entries.set(key, entry);
    if (!wasActive) publish(entry, "none", "suspicious", reason, durationMs);
    return { key, reason, durationMs, remainingMs: durationMs };
  }

  /** Ends a penalty and forgets it; gives its key, or `undefined` when there was none. */
  clear(client: string, nowMs: number): string | undefined {
    const key = this.#entries.has(client) ? client : [...this.#entries].find(([, entry]) => entry.client === client)?.[0];
    const entry = key === undefined ? undefined : this.#entries.get(key);
    if (key === undefined || entry === undefined) return undefined;
    const active = this.has(key, nowMs);
    if (active) end({ ...entry, own: true }, "cleared");
    this.#entries.delete(key);
    return active ? key : undefined;
  }

  list(nowMs: number): Penalty[] {
    return [...this.#entries]
      .filter(([key]) => this.has(key, nowMs))
      .map(([key, { client, reason, untilMs }]) => ({ key, client, reason, remainingMs: untilMs - nowMs }));
  }

  /**
   * Takes over what the processes together have, as far as there is room and for no longer than a penalty may last; those that have
   * imposed a penalty still report its end.
   */
  replace(records: readonly PenaltyRecord[], nowMs: number): void {
    const before = new Map(this.#entries);
    this.#entries.clear();
    for (const { key, reason, ...times } of this.#heaviest(records)) {
      const durationMs = Math.min(times.durationMs, this.longestMs);
      const remainingMs = Math.min(times.remainingMs, this.longestMs);
      const known = before.get(key);
      const active = remainingMs > 0;
      if (known?.active === true && !active) end(known, "expired");
      const own = known?.own === true && active;
      this.#entries.set(key, { key, client: known?.client ?? digest(key), reason, durationMs, untilMs: nowMs + remainingMs, active, own });
    }
  }

  /** Reports penalties that have ended, and forgets those that ended long ago. */
  sweep(nowMs: number): void {
    for (const [key, entry] of this.#entries) {
      if (!this.has(key, nowMs) && nowMs >= entry.untilMs + entry.durationMs) this.#entries.delete(key);
    }
  }

  #heaviest(records: readonly PenaltyRecord[]): readonly PenaltyRecord[] {
    if (records.length <= this.#maxKeys) return records;
    const weighed = records.map((record) => ({ record, durationMs: record.durationMs, untilMs: record.remainingMs }));
    return weighed
      .toSorted((a, b) => compareWeight(b, a))
      .slice(0, this.#maxKeys)
      .map(({ record }) => record);
  }

  #nextDuration(known: Entry | undefined, nowMs: number): number {
    const { durationMs, maxDurationMs } = this.#durations;
    const isRelapse = known !== undefined && nowMs < known.untilMs + known.durationMs;
    return Math.min(isRelapse ? known.durationMs * 2 : durationMs, maxDurationMs);
  }

  /** A flood of first offences displaces only others like them: penalties of clients that came back last longer. */
  #makeRoom(nowMs: number): void {
    if (this.#entries.size >= this.#maxKeys) this.sweep(nowMs);
    if (this.#entries.size < this.#maxKeys) return;
    let lightest: [string, Entry] | undefined;
    for (const candidate of this.#entries) {
      if (lightest === undefined || compareWeight(candidate[1], lightest[1]) < 0) lightest = candidate;
    }
    if (lightest === undefined) return;
    if (lightest[1].active) end(lightest[1], "displaced");
    this.#entries.delete(lightest[0]);
  }
}

/** Below 0 when `a` is lighter: shorter, or as long and sooner over. */
function compareWeight(a: Pick<Entry, "durationMs" | "untilMs">, b: Pick<Entry, "durationMs" | "untilMs">): number {
  return a.durationMs - b.durationMs || a.untilMs - b.untilMs;
}

function end(entry: Entry, reason: string): void {
  entry.active = false;
  if (entry.own) publish(entry, "suspicious", "none", reason, 0);
}

function publish({ key, client }: Entry, from: PenaltyState, to: PenaltyState, reason: string, durationMs: number): void {
  if (penaltyChanged.hasSubscribers) penaltyChanged.publish({ key, client, from, to, reason, durationMs });
}

/** The name of a client in `penaltyChanged`. */
export function digest(key: string): string {
  return hash("sha256", key).slice(0, 16);
}
