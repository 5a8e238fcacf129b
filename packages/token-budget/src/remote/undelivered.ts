import { budgetChargesDropped, type BudgetChargesDropped } from "../events.ts";
import type { Charge } from "../store.ts";

/** Calls whose charges wait for their store; the oldest is given up for a further one. */
const mostWaiting = 10_000;
const atOnce = 50;

/** What a call is charged, and what is done if the store does not know the call. */
export interface Undelivered {
  readonly charges: readonly Charge[];
  readonly unknown: "charge" | "skip";
}

/** Keeps charges until the store has taken them. */
export class UndeliveredCharges {
  readonly #store: BudgetChargesDropped["store"];
  readonly #deliver: (call: string, undelivered: Undelivered) => Promise<unknown>;
  readonly #waiting = new Map<string, Undelivered>();
  #isDelivering = false;

  constructor(store: BudgetChargesDropped["store"], deliver: (call: string, undelivered: Undelivered) => Promise<unknown>) {
    this.#store = store;
    this.#deliver = deliver;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(call: string, undelivered: Undelivered): void {
    const [oldest] = this.#waiting;
    if (this.#waiting.size >= mostWaiting && oldest !== undefined) this.#drop(oldest);
    this.#waiting.set(call, undelivered);
  }

  /** Delivers what waits, some calls at once, until one is not taken. */
  async deliver(): Promise<void> {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      while (this.#waiting.size > 0) await Promise.all([...this.#waiting].slice(0, atOnce).map((entry) => this.#deliverOne(entry)));
    } catch {
      // They are delivered when the store is back.
    } finally {
      this.#isDelivering = false;
    }
  }

  async #deliverOne([call, undelivered]: [string, Undelivered]): Promise<void> {
    await this.#deliver(call, undelivered);
    this.#waiting.delete(call);
  }

  #drop([call, { charges }]: [string, Undelivered]): void {
    this.#waiting.delete(call);
    if (!budgetChargesDropped.hasSubscribers) return;
    budgetChargesDropped.publish({ store: this.#store, call, charges: charges.map(({ budget, used }) => ({ budget, used })) });
  }
}
