import { HttpProblem, OutageDetector } from "@aivillage/middleware";

import { type StoreAvailabilityChanged, storeAvailabilityChanged } from "../events.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import type { PenaltyRecords } from "../penalty-records.ts";
import type { Charge, Decision, PolicyWindow, Store } from "../store.ts";
import type { ReadRemoteOptions } from "./remote-options.ts";

/** Where the counts are: a store whose methods return promises, and that can be asked whether it responds. */
export interface Remote {
  decide(charges: readonly Charge[]): Promise<Decision>;
  refund(charges: readonly Charge[], decision: Decision): Promise<void>;
  reset(policy: string, key: string): Promise<void>;
  probe(): Promise<unknown>;
  readonly penalties: PenaltyRecords;
}

/** A store whose counts are somewhere else, with a deadline for each operation and a policy for the time without them. */
export class RemoteStore implements Store {
  readonly #remote: Remote;
  readonly #options: ReadRemoteOptions;
  readonly #outages: OutageDetector;
  readonly #penalties: PenaltyRecords;
  readonly #local: MemoryStore;
  /** Decisions made without the remote; their charges must not be taken back there. */
  readonly #made = new WeakSet<Decision>();

  constructor(store: StoreAvailabilityChanged["store"], remote: Remote, options: ReadRemoteOptions) {
    const { deadlineMs, probeEveryMs, outage, maxKeys } = options;
    this.#remote = remote;
    this.#options = options;
    this.#local = new MemoryStore({ maxKeys });
    this.#penalties = {
      read: (known, longestMs) => this.#outages.run(() => remote.penalties.read(known, longestMs)),
      write: (record) => this.#outages.run(() => remote.penalties.write(record)),
      remove: (key) => this.#outages.run(() => remote.penalties.remove(key)),
    };
    this.#outages = new OutageDetector({
      deadlineMs,
      probeEveryMs,
      probe: () => remote.probe(),
      onChange: (available, reason) => {
        if (storeAvailabilityChanged.hasSubscribers) storeAvailabilityChanged.publish({ store, available, outage, reason });
      },
    });
  }

  /** The penalties of all processes; each operation rejects while the counts are down. */
  get penalties(): PenaltyRecords {
    return this.#penalties;
  }

  /** False while the outage policy decides. */
  get isAvailable(): boolean {
    return !this.#outages.isOpen;
  }

  prepare(policies: readonly PolicyWindow[]): void {
    if (this.#options.outage === "local") this.#local.prepare(policies);
    void this.ready();
  }

  /**
   * Asks the counts for a sign of life, and gives Redis the script, so that the first request takes one round trip like all others.
   * Resolves whether they gave one, whenever that is: a client may wait for its connection.
   */
  async ready(): Promise<boolean> {
    try {
      await this.#remote.probe();
      return true;
    } catch {
      return false;
    }
  }

  decide(charges: readonly Charge[]): Decision | Promise<Decision> {
    if (this.#outages.isOpen) return this.#decideWithout(charges);
    return this.#outages.run(() => this.#remote.decide(charges)).catch((error: unknown) => this.#decideWithout(charges, error));
  }

  /** Takes back charges; while the counts are down they stay charged. */
  async refund(charges: readonly Charge[], decision: Decision): Promise<void> {
    if (this.#made.has(decision)) return this.#local.refund(this.#localCharges(charges), decision);
    if (!this.#outages.isOpen) await this.#outages.run(() => this.#remote.refund(charges, decision)).catch(() => undefined);
  }

  /** Forgets what a key has used. Rejects while the counts are down. */
  async reset(policy: string, key: string): Promise<void> {
    this.#local.reset(policy, key);
    await this.#outages.run(() => this.#remote.reset(policy, key));
  }

  /** Stops the timers; the client or channel to the counts stays open. */
  close(): void {
    this.#outages.close();
    this.#local.close();
  }

  #decideWithout(charges: readonly Charge[], cause?: unknown): Decision {
    const { outage } = this.#options;
    if (outage === "closed") throw unavailable(cause);
    const decision = outage === "local" ? this.#local.decide(this.#localCharges(charges)) : passAll(charges);
    this.#made.add(decision);
    return decision;
  }

  #localCharges(charges: readonly Charge[]): Charge[] {
    const { instances } = this.#options;
    return charges.map((charge) => ({ ...charge, limit: Math.min(charge.limit, Math.max(1, Math.floor(charge.limit / instances))) }));
  }
}

function passAll(charges: readonly Charge[]): Decision {
  const verdicts = charges.map(({ limit, cost }) => ({ exceeded: false, remaining: Math.max(0, limit - cost), resetMs: 0 }));
  return { allowed: true, atMs: 0, verdicts };
}

function unavailable(cause: unknown): HttpProblem {
  return new HttpProblem({
    status: 503,
    type: "rate-limit-unavailable",
    title: "Rate limit unavailable",
    detail: "The rate limit cannot be checked at the moment. Try again in 1 s.",
    headers: { "Retry-After": "1" },
    cause,
  });
}
