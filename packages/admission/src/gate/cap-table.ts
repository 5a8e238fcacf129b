import type { Demand } from "../store.ts";
import { Cap } from "./cap.ts";

/**
 * The caps in use, and those that all requests of a limit share. One of a key that nobody holds or waits for is forgotten, so there are never
 * more than the demands of all requests.
 */
export class CapTable {
  readonly #byLimit = new Map<string, Map<string, Cap>>();
  readonly #permits: number;

  /** @param permits of a new cap */
  constructor(permits: number) {
    this.#permits = permits;
  }

  find(limit: string, key: string): Cap | undefined {
    return this.#byLimit.get(limit)?.get(key);
  }

  /** The cap that a demand is for, with its newest size. */
  of({ limit, key, max }: Demand, nowMs: number): Cap {
    let byKey = this.#byLimit.get(limit);
    if (byKey === undefined) this.#byLimit.set(limit, (byKey = new Map<string, Cap>()));
    let cap = byKey.get(key);
    if (cap === undefined) byKey.set(key, (cap = new Cap(limit, key, max, this.#permits, nowMs)));
    cap.max = max;
    return cap;
  }

  forgetIfUnused(cap: Cap): void {
    if (cap.key === "" || !cap.isUnused) return;
    const byKey = this.#byLimit.get(cap.limit);
    if (byKey?.get(cap.key) === cap) byKey.delete(cap.key);
  }

  resize(limit: string, max: number): void {
    for (const cap of this.#byLimit.get(limit)?.values() ?? []) cap.max = max;
  }

  *[Symbol.iterator](): Iterator<Cap> {
    for (const byKey of this.#byLimit.values()) yield* byKey.values();
  }
}
