import type { Charge, Decision, Store } from "../store.ts";

/** Clients and causes for which a call is under way at once; offences of further ones are not counted. */
const mostUnderWay = 1_000;

/**
 * Counts offences like requests: too many within a window are refused, and the refusal is reported.
 *
 * In an asynchronous store there is one call at a time for each client and cause; offences in the meantime go together into the
 * next one. So a client that sends refused requests at full speed causes no call for each.
 */
export class Offences {
  readonly #store: Store;
  readonly #onTooMany: (key: string, reason: string) => void;
  /** What came while a call is under way. */
  readonly #waiting = new Map<string, number>();

  constructor(store: Store, onTooMany: (key: string, reason: string) => void) {
    this.#store = store;
    this.#onTooMany = onTooMany;
  }

  count(offence: Charge, reason: string): void {
    const name = `${offence.policy} ${offence.key}`;
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) return void this.#waiting.set(name, waiting + offence.cost);
    if (this.#waiting.size >= mostUnderWay) return;
    const decision = this.#store.decide([offence]);
    if (!("then" in decision)) return this.#judge(offence, reason, decision);
    this.#waiting.set(name, 0);
    decision
      .then((decided) => this.#judge(offence, reason, decided))
      .then(undefined, () => undefined)
      .then(() => this.#countWaiting(name, offence, reason), undefined);
  }

  #judge(offence: Charge, reason: string, { allowed }: Decision): void {
    if (allowed) return;
    Promise.resolve(this.#store.reset(offence.policy, offence.key)).catch(() => undefined);
    this.#onTooMany(offence.key, reason);
  }

  #countWaiting(name: string, offence: Charge, reason: string): void {
    const cost = this.#waiting.get(name) ?? 0;
    this.#waiting.delete(name);
    if (cost > 0) this.count({ ...offence, cost }, reason);
  }
}
