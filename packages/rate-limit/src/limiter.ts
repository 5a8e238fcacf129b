import { inspect } from "node:util";

import { type LimiterOptions, readLimiterOptions } from "./options.ts";
import { preparedStore } from "./own-store.ts";
import { isUnits, mostUnits } from "./policy.ts";
import { type ActualCost, Receipt } from "./receipt.ts";
import { type RateLimitResult, toResult } from "./result.ts";
import type { Charge } from "./store.ts";
import { toCharges } from "./to-charges.ts";

/** What a limiter says. */
export interface Outcome {
  readonly allowed: boolean;
  /** The decision in full; `undefined` when no policy applied. */
  readonly result: RateLimitResult | undefined;
}

/** An outcome whose charge can be corrected once: by the first call of `settle` or `refund`. */
export interface Reservation extends Outcome {
  /**
   * Replaces the reserved cost by the actual one: one number for all policies, or numbers by the names of policies. What was
   * missing is charged even where it does not fit.
   */
  settle(actual: ActualCost): Promise<void>;
  /** Gives everything back. */
  refund(): Promise<void>;
}

/** Rate limits without HTTP. `cost` stands in for the cost of every policy; each method rejects when the store fails. */
export interface Limiter<Subject> {
  /** Says what `consume` would say, and charges nothing. */
  check(subject: Subject, cost?: number): Promise<Outcome>;
  /** Charges the subject when every policy that applies has room. */
  consume(subject: Subject, cost?: number): Promise<Outcome>;
  /** Like `consume`, for a cost that is known only later: reserve the most it may be, settle what it was. */
  reserve(subject: Subject, cost?: number): Promise<Reservation>;
  /** Stops the timer of the store that the limiter made itself, not of one that was given. */
  close(): void;
}

/**
 * Makes a limiter for anything that is no HTTP request: jobs, messages, tokens of a model.
 *
 * Subjects are strings, which are their own keys, or anything else if each policy has a `key`. With the store of a `rateLimit()`
 * it shares the counts of equally named policies.
 *
 * @throws OptionError for an unknown or bad option
 */
export function createLimiter<Subject = string>(options: LimiterOptions<Subject>): Limiter<Subject> {
  const { policies, ...read } = readLimiterOptions(options);
  const { store, close } = preparedStore(read.store, policies);

  async function decide(subject: Subject, cost: number | undefined, mode?: Charge["mode"]): Promise<Reservation> {
    if (cost !== undefined && !isUnits(cost, 0)) throw badCost(cost);
    const charges = toCharges(subject, policies, subjectAsKey, cost);
    if (charges.length === 0) return { allowed: true, result: undefined, settle: nothing, refund: nothing };
    const decision = await store.decide(mode === undefined ? charges : charges.map((charge) => ({ ...charge, mode })));
    const outcome = { allowed: decision.allowed, result: toResult(charges, decision) };
    if (!decision.allowed) return { ...outcome, settle: nothing, refund: nothing };
    const receipt = new Receipt(store, charges, decision);
    return { ...outcome, settle: (actual) => receipt.settle(actual), refund: () => receipt.settle(0) };
  }

  const outcomeOf = ({ allowed, result }: Reservation): Outcome => ({ allowed, result });
  return {
    check: async (subject, cost) => outcomeOf(await decide(subject, cost, "ask")),
    consume: async (subject, cost) => outcomeOf(await decide(subject, cost)),
    reserve: (subject, cost) => decide(subject, cost),
    close,
  };
}

async function nothing(): Promise<void> {
  // Nothing was charged.
}

function subjectAsKey(subject: unknown): string {
  if (typeof subject === "string") return subject;
  throw new TypeError(`@aivillage/rate-limit: a subject must be a string, or every policy must have a \`key\`; got ${typeof subject}`);
}

function badCost(cost: unknown): TypeError {
  return new TypeError(`@aivillage/rate-limit: \`cost\` must be an integer from 0 to ${mostUnits}, got ${inspect(cost, { depth: 0 })}`);
}
