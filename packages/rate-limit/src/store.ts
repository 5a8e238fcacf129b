import type { PenaltyRecords } from "./penalty-records.ts";

/** What one policy asks for one request. */
export interface Charge {
  /** Name of the policy. Equal names share counts, also while they have different limits or windows. */
  readonly policy: string;
  /** Who is charged, as the policy's `key` returned it. */
  readonly key: string;
  /** Most cost accepted in any trailing window; an integer, 0 accepts nothing. */
  readonly limit: number;
  /** Length of the trailing window in milliseconds. */
  readonly windowMs: number;
  /** What the request costs; an integer, 0 only looks. */
  readonly cost: number;
  /**
   * `ask` only says whether the charge fits; `force` charges it even where it does not, for a cost that was already caused.
   * Default: it is charged when all charges of the request fit.
   */
  readonly mode?: "ask" | "force";
}

/** A policy and the length of its window, as a charge names them. */
export type PolicyWindow = Pick<Charge, "policy" | "windowMs">;

/** What a policy says about one request. */
export interface Verdict {
  /** True when the charge does not fit under the limit. */
  readonly exceeded: boolean;
  /** What is left of the limit after the decision. */
  readonly remaining: number;
  /**
   * Milliseconds until the same request fits, where it does not fit now; else until more quota is there; 0 when nothing is
   * used. `Infinity` when it can never fit because it costs more than the limit.
   */
  readonly resetMs: number;
}

/** The reply of a store to the charges of one request. */
export interface Decision {
  /** True when every charge fitted; then all are charged. Otherwise none is. */
  readonly allowed: boolean;
  /** The time of the store's own clock, in milliseconds; needed for a refund. */
  readonly atMs: number;
  /** One verdict for each charge, in the same order. */
  readonly verdicts: readonly Verdict[];
}

/**
 * Where the counts are kept.
 *
 * A store promises: all charges of a request are decided in one step; all of them are charged or none; in any trailing window
 * the accepted cost of a key never exceeds the limit; a refused request changes nothing. It may reply at once or with a
 * promise; what it throws or rejects with goes to `next(error)`.
 */
export interface Store {
  decide(charges: readonly Charge[]): Decision | PromiseLike<Decision>;
  /** Takes back what was charged by a decision of this store, whole or in part. What has left the window since is ignored. */
  refund(charges: readonly Charge[], decision: Decision): void | PromiseLike<void>;
  /** Forgets what a key has used under a policy. */
  reset(policy: string, key: string): void | PromiseLike<void>;
  /**
   * Receives the policies that it will decide, before the first request. Do here what takes long or much memory to set
   * up. Other policies may follow.
   */
  prepare?(policies: readonly PolicyWindow[]): void;
  /** Only of a store that processes share: where they keep their penalties. */
  readonly penalties?: PenaltyRecords;
}

export function isStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { decide, refund, reset } = value as Partial<Record<keyof Store, unknown>>;
  return [decide, refund, reset].every((member) => typeof member === "function");
}
