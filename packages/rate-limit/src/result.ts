import type { Charge, Decision, Verdict } from "./store.ts";

/** What one policy says about the request. The key is left out: it may be a secret. */
export interface PolicyResult extends Verdict {
  readonly policy: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly cost: number;
}

/** What was decided about the request. The members of a policy are those of the most restrictive one. */
export interface RateLimitResult extends PolicyResult {
  /** False in an error handler, and in handlers after a limiter with `dryRun`; others get no refused request. */
  readonly allowed: boolean;
  /** Milliseconds after which the same request passes; 0 when it was allowed, `Infinity` when it never will. */
  readonly retryAfterMs: number;
  /** True when the limits were lowered because of a penalty. */
  readonly penalised: boolean;
  /** Every policy that applied. */
  readonly policies: readonly PolicyResult[];
}

/** What a decision means for the charges that were asked for, of which there is at least one. */
export function toResult(charges: readonly Charge[], { allowed, verdicts }: Decision, penalised = false): RateLimitResult {
  let at = 0;
  for (let index = 1; index < charges.length; index += 1) {
    if (isStricter(verdicts[index], verdicts[at])) at = index;
  }
  return new Result(charges, verdicts, at, allowed, penalised);
}

/** An exceeded policy before one with room; of exceeded ones the longest wait, of the others the least that is left. */
function isStricter(one: Verdict | undefined, other: Verdict | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (one.exceeded !== other.exceeded) return one.exceeded;
  return one.exceeded || one.remaining === other.remaining ? one.resetMs > other.resetMs : one.remaining < other.remaining;
}

/** Copies what nearly everybody reads, and makes the rest when somebody asks. */
class Result implements RateLimitResult {
  readonly policy: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly cost: number;
  readonly exceeded: boolean;
  readonly remaining: number;
  readonly resetMs: number;
  readonly allowed: boolean;
  readonly penalised: boolean;
  readonly #charges: readonly Charge[];
  readonly #verdicts: readonly Verdict[];

  constructor(charges: readonly Charge[], verdicts: readonly Verdict[], at: number, allowed: boolean, penalised: boolean) {
    const [charge, verdict] = [charges[at], verdicts[at]];
    if (charge === undefined || verdict === undefined) throw noVerdict(charge);
    this.policy = charge.policy;
    this.limit = charge.limit;
    this.windowMs = charge.windowMs;
    this.cost = charge.cost;
    this.exceeded = verdict.exceeded;
    this.remaining = verdict.remaining;
    this.resetMs = verdict.resetMs;
    this.allowed = allowed;
    this.penalised = penalised;
    this.#charges = charges;
    this.#verdicts = verdicts;
  }

  get retryAfterMs(): number {
    return this.allowed ? 0 : this.resetMs;
  }

  get policies(): readonly PolicyResult[] {
    return this.#charges.map(({ policy, limit, windowMs, cost }, index) => {
      const verdict = this.#verdicts[index];
      if (verdict === undefined) throw noVerdict({ policy });
      const { exceeded, remaining, resetMs } = verdict;
      return { policy, limit, windowMs, cost, exceeded, remaining, resetMs };
    });
  }
}

function noVerdict(charge: Pick<Charge, "policy"> | undefined): Error {
  return new Error(`@aivillage/rate-limit: the store gave no verdict on policy "${charge?.policy}"`);
}
