import { inspect } from "node:util";

import { isUnits, mostUnits } from "./policy.ts";
import type { Charge, Decision, Store } from "./store.ts";

/** What something has cost in the end: one number for all policies, or one for each policy named; the others stay as charged. */
export type ActualCost = number | Readonly<Record<string, number>>;

/** A charge that can be corrected once, when it is known what it should have been. */
export class Receipt {
  readonly #store: Store;
  readonly #charges: readonly Charge[];
  readonly #decision: Decision;
  #settled = false;

  constructor(store: Store, charges: readonly Charge[], decision: Decision) {
    this.#store = store;
    this.#charges = charges;
    this.#decision = decision;
  }

  /** Gives back what was charged too much and charges what was missing, even where it does not fit. A second call does nothing. */
  async settle(actual: ActualCost): Promise<void> {
    const less: Charge[] = [];
    const more: Charge[] = [];
    for (const charge of this.#charges) {
      const difference = costOf(charge, actual) - charge.cost;
      if (difference < 0) less.push({ ...charge, cost: -difference });
      if (difference > 0) more.push({ ...charge, cost: difference, mode: "force" });
    }
    if (this.#settled) return;
    this.#settled = true;
    if (less.length > 0) await this.#store.refund(less, this.#decision);
    if (more.length > 0) await this.#store.decide(more);
  }
}

function costOf({ policy, cost }: Charge, actual: ActualCost): number {
  const units = typeof actual === "number" ? actual : Object.hasOwn(actual, policy) ? actual[policy] : cost;
  if (units !== undefined && isUnits(units, 0)) return units;
  const expected = `an integer from 0 to ${mostUnits}`;
  throw new TypeError(
    `@aivillage/rate-limit: the actual cost for policy "${policy}" must be ${expected}, got ${inspect(units, { depth: 0 })}`,
  );
}
