import { hash } from "node:crypto";

import { penaltyChanged, type PenaltyState } from "./penalty-changed.ts";

/** A penalty as operators see it. */
export interface Penalty {
  /** Who is penalised, as `pardon()` takes it. */
  readonly key: string;
  /** The same client in `penaltyChanged`. */
  readonly client: string;
  /** What it was penalised for last. */
  readonly reason: string;
  /** How long it still lasts. */
  readonly remainingMs: number;
}

interface Entry {
  reason: string;
  durationMs: number;
  untilMs: number;
  /** False once its end has been told; it is then remembered for as long again, so that a relapse lasts twice as long. */
  active: boolean;
}

/** Who is penalised, and for how long. A further offence starts the penalty anew; one soon after its end doubles it. */
export class PenaltyBox {
  readonly #entries = new Map<string, Entry>();
  readonly #durations: { readonly durationMs: number; readonly maxDurationMs: number };
  readonly #maxKeys: number;

  constructor(options: { durationMs: number; maxDurationMs: number; maxKeys: number }) {
    this.#durations = options;
    this.#maxKeys = options.maxKeys;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  has(key: string, nowMs: number): boolean {
    const entry = this.#entries.get(key);
    if (entry?.active !== true) return false;
    if (nowMs < entry.untilMs) return true;
    this.#end(key, entry, "expired");
    return false;
  }

  add(key: string, reason: string, nowMs: number): void {
    const wasActive = this.has(key, nowMs);
    const known = this.#entries.get(key);
    if (known === undefined && !this.#makeRoom(nowMs)) return;
    const durationMs = wasActive ? (known?.durationMs ?? 0) : this.#nextDuration(known, nowMs);
    this.#entries.set(key, { reason, durationMs, untilMs: nowMs + durationMs, active: true });
    if (!wasActive) tell(key, "none", "suspicious", reason, durationMs);
  }

  /** Ends a penalty and forgets it; false when there was none. */
  pardon(key: string, nowMs: number): boolean {
    const active = this.has(key, nowMs);
    const entry = this.#entries.get(key);
    if (active && entry !== undefined) this.#end(key, entry, "pardoned");
    this.#entries.delete(key);
    return active;
  }

  list(nowMs: number): Penalty[] {
    return [...this.#entries]
      .filter(([key]) => this.has(key, nowMs))
      .map(([key, { reason, untilMs }]) => ({ key, client: digest(key), reason, remainingMs: untilMs - nowMs }));
  }

  /** Tells of penalties that have ended, and forgets those that ended long ago. */
  sweep(nowMs: number): void {
    for (const [key, entry] of this.#entries) {
      if (!this.has(key, nowMs) && nowMs >= entry.untilMs + entry.durationMs) this.#entries.delete(key);
    }
  }

  #nextDuration(known: Entry | undefined, nowMs: number): number {
    const { durationMs, maxDurationMs } = this.#durations;
    const isRelapse = known !== undefined && nowMs < known.untilMs + known.durationMs;
    return Math.min(isRelapse ? known.durationMs * 2 : durationMs, maxDurationMs);
  }

  #makeRoom(nowMs: number): boolean {
    if (this.#entries.size >= this.#maxKeys) this.sweep(nowMs);
    return this.#entries.size < this.#maxKeys;
  }

  #end(key: string, entry: Entry, reason: string): void {
    entry.active = false;
    tell(key, "suspicious", "none", reason, 0);
  }
}

function tell(key: string, from: PenaltyState, to: PenaltyState, reason: string, durationMs: number): void {
  if (penaltyChanged.heard) penaltyChanged.publish({ client: digest(key), from, to, reason, durationMs });
}

function digest(key: string): string {
  return hash("sha256", key).slice(0, 16);
}
