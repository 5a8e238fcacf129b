import type { OutageDetector } from "@aivillage/middleware";

import type { CapTable } from "../gate/cap-table.ts";
import type { Cap } from "../gate/cap.ts";
import type { HeldCap, Leases } from "./leases.ts";

const renewalsPerLease = 4;
/** Caps in one call, which Redis serves in well under a millisecond. */
const capsPerCall = 500;
/** Caps whose count in Redis is in doubt at once; further ones are corrected when the process ends. */
const mostDoubtful = 10_000;

/** Keeps the lease of a process, and corrects what Redis knows of its slots where a response was lost. */
export class Renewals {
  readonly #leases: Leases;
  readonly #outages: OutageDetector;
  readonly #caps: CapTable;
  readonly #timer: NodeJS.Timeout;
  readonly #doubtful = new Map<string, { readonly limit: string; readonly key: string }>();

  constructor(leases: Leases, outages: OutageDetector, caps: CapTable, leaseMs: number) {
    this.#leases = leases;
    this.#outages = outages;
    this.#caps = caps;
    this.#timer = setInterval(() => void this.renew(), leaseMs / renewalsPerLease).unref();
  }

  /** Runs a call that changes what Redis knows of these caps. If it fails, nobody knows whether it did. */
  async during<T>(caps: readonly Cap[], call: () => Promise<T>): Promise<T> {
    for (const cap of caps) cap.pending += 1;
    try {
      return await call();
    } catch (error) {
      for (const { limit, key } of caps) if (this.#doubtful.size < mostDoubtful) this.#doubtful.set(idOf({ limit, key }), { limit, key });
      throw error;
    } finally {
      for (const cap of caps) cap.pending -= 1;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Reports to Redis what this process holds. */
  async renew(): Promise<void> {
    const held = this.#heldCaps();
    for (let at = 0; at < held.length; at += capsPerCall) {
      const part = held.slice(at, at + capsPerCall);
      await this.#outages
        .run(() => this.#leases.renew(part))
        .then(
          () => part.forEach((cap) => cap.replaces && this.#doubtful.delete(idOf(cap))),
          () => undefined,
        );
    }
  }

  #heldCaps(): HeldCap[] {
    const held: HeldCap[] = [];
    for (const cap of this.#caps) {
      const { limit, key, permits } = cap;
      const isDoubtful = cap.pending === 0 && this.#doubtful.has(idOf(cap));
      if (permits > 0 || isDoubtful) held.push({ limit, key, held: permits, replaces: isDoubtful });
    }
    for (const { limit, key } of this.#doubtful.values()) {
      if (this.#caps.find(limit, key) === undefined) held.push({ limit, key, held: 0, replaces: true });
    }
    return held;
  }
}

function idOf({ limit, key }: { readonly limit: string; readonly key: string }): string {
  return `${limit} ${key}`;
}
