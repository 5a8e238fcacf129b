import { isRedisClient, option, optionError, OutageDetector, readOptions, type RedisClient, toSendCommand } from "@aivillage/middleware";

import { admissionStoreAvailabilityChanged } from "../events.ts";
import type { Cap } from "../gate/cap.ts";
import { Gate } from "../gate/gate.ts";
import { packageName } from "../package-name.ts";
import { partOf } from "../part-of.ts";
import type { AdmissionStore, Ask, Demand, Entrant, LimitCount } from "../store.ts";
import { Leases } from "./leases.ts";
import { Renewals } from "./renewals.ts";

export type { RedisClient };

/** Options of `new RedisStore()`. */
export interface RedisStoreOptions {
  /** A client of `redis` or ioredis, which the caller connects, closes and watches for errors. */
  client: RedisClient;
  /** Start of all names in Redis; different prefixes have different slots. Default `admission:`. */
  prefix?: string;
  /** Whether the client is of a Redis Cluster. All names have one hash tag, so one node has them all. Default false. */
  cluster?: boolean;
  /** How long a process that gives no sign of life keeps its slots, in milliseconds, from 1,000 to 60,000. Default 8,000. */
  leaseMs?: number;
  /** How often a process asks for a slot while requests wait, in milliseconds, from 5 to 1,000. Default 50. */
  pollMs?: number;
  /** How long Redis may be silent, in milliseconds, from 1 to 10,000. Then this process does without. Default 250. */
  deadlineMs?: number;
  /** Without Redis: `local` grants this process its part of the slots, `closed` refuses all requests with 503. Default `local`. */
  outage?: "local" | "closed";
  /** How many processes share the slots: without Redis each has its part, at least 1. Default 1. */
  instances?: number;
}

const expectedClient = "a client of `redis` or ioredis";

const rules = {
  client: option.custom<RedisClient | undefined>(expectedClient, undefined, isRedisClient),
  prefix: option.custom<string>("a string without braces", "admission:", (value) => typeof value === "string" && !/[{}]/.test(value)),
  cluster: option.boolean(false),
  leaseMs: option.integer(8_000, { min: 1_000, max: 60_000 }),
  pollMs: option.integer(50, { min: 5, max: 1_000 }),
  deadlineMs: option.integer(250, { min: 1, max: 10_000 }),
  outage: option.oneOf(["local", "closed"], "local"),
  instances: option.integer(1, { min: 1, max: 1_000_000 }),
};

/**
 * Slots in Redis (7 or later) or Valkey, for all processes that use it. A process that dies gives its slots back when its lease ends.
 *
 * A request that does not wait takes one call. Each process has a fair queue of its own, and processes that want a slot take turns.
 *
 * @throws OptionError for an unknown or bad option
 */
export class RedisStore implements AdmissionStore {
  readonly #options;
  readonly #leases: Leases;
  readonly #renewals: Renewals;
  readonly #outages: OutageDetector;
  readonly #gate: Gate;
  /** Caps that were full when Redis was asked last, in this round. */
  readonly #full = new Set<Cap>();
  #isAsking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RedisStoreOptions) {
    const { client, ...read } = readOptions<Partial<RedisStoreOptions>, typeof rules>(packageName, options, rules);
    if (client === undefined) throw optionError(packageName, "client", expectedClient, client);
    const { prefix, cluster, leaseMs, pollMs, deadlineMs } = read;
    this.#options = read;
    this.#leases = new Leases(toSendCommand(client, cluster), { prefix, leaseMs, wishMs: Math.max(8 * pollMs, 500) });
    this.#gate = new Gate({ permits: 0, onReleased: (caps) => this.#giveBack(caps) });
    this.#outages = new OutageDetector({
      deadlineMs,
      probeEveryMs: 500,
      probe: () => this.#leases.renew([]),
      onChange: (available, reason) => {
        if (available) void this.#renewals.renew();
        if (admissionStoreAvailabilityChanged.hasSubscribers)
          admissionStoreAvailabilityChanged.publish({ store: "redis", available, reason });
      },
    });
    this.#renewals = new Renewals(this.#leases, this.#outages, this.#gate.caps, leaseMs);
  }

  enter(ask: Ask, entrant: Entrant): () => void {
    let leave: (() => void) | undefined;
    let isGone = false;
    const proceed = (): void => {
      if (!isGone) leave = this.#gate.enter(ask, entrant);
      this.#settle(ask.demands);
    };
    // Those that came before have their turn first.
    if (ask.demands.some(({ limit, key }) => (this.#gate.caps.find(limit, key)?.waiting ?? 0) > 0)) proceed();
    else void this.#acquire(ask).then((isOpen) => (isOpen ? proceed() : refuse(entrant, isGone)));
    return () => {
      isGone = true;
      leave?.();
    };
  }

  resize(limit: string, max: number): void {
    this.#gate.caps.resize(limit, max);
    this.#pump();
  }

  counts(): readonly LimitCount[] {
    return this.#gate.counts();
  }

  /** Stops the timers; the client stays open. Slots are given back as requests end, or when the lease does. */
  close(): void {
    clearTimeout(this.#timer);
    this.#renewals.close();
    this.#outages.close();
  }

  /** Asks for slots. Resolves to false if the request must be refused; whether there are slots shows at the gate. */
  async #acquire({ demands, ...ask }: Ask): Promise<boolean> {
    const caps = demands.map((demand) => this.#gate.caps.of(demand, performance.now()));
    try {
      await this.#grant(caps);
      return true;
    } catch {
      if (this.#options.outage === "closed") {
        for (const cap of caps) this.#gate.caps.forgetIfUnused(cap);
        return false;
      }
      this.#grantHere(partOf({ ...ask, demands }, this.#options.instances).demands);
      return true;
    }
  }

  /** The cap that is full; `undefined` when the slots were granted. */
  async #grant(caps: readonly Cap[]): Promise<Cap | undefined> {
    const position = await this.#renewals.during(caps, () => this.#outages.run(() => this.#leases.acquire(caps)));
    if (position >= 0) return caps[position] ?? caps[0];
    for (const cap of caps) cap.permits += 1;
    return undefined;
  }

  #grantHere(demands: readonly Demand[]): void {
    const caps = demands.map((demand) => ({ cap: this.#gate.caps.find(demand.limit, demand.key), max: demand.max }));
    if (caps.some(({ cap, max }) => cap === undefined || cap.permits >= max)) return;
    for (const { cap } of caps) if (cap !== undefined) cap.permits += 1;
  }

  #giveBack(caps: readonly Cap[]): void {
    for (const cap of caps) cap.permits -= 1;
    void this.#release(caps);
  }

  async #release(caps: readonly Cap[]): Promise<void> {
    await this.#renewals.during(caps, () => this.#outages.run(() => this.#leases.release(caps))).catch(() => undefined);
    for (const cap of caps) this.#gate.caps.forgetIfUnused(cap);
    this.#pump();
  }

  /** Gives back what nobody here needs any more, and asks for what those that wait need. */
  #settle(demands: readonly Demand[]): void {
    for (const { limit, key } of demands) {
      const cap = this.#gate.caps.find(limit, key);
      if (cap === undefined) continue;
      while (cap.spare > 0) this.#giveBack([cap]);
      this.#gate.caps.forgetIfUnused(cap);
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#isAsking || this.#gate.waitingShares === 0) return;
    this.#isAsking = true;
    void this.#askForWaiting().finally(() => {
      this.#isAsking = false;
      this.#full.clear();
      clearTimeout(this.#timer);
      if (this.#gate.waitingShares > 0) this.#timer = setTimeout(() => this.#pump(), this.#options.pollMs).unref();
    });
  }

  async #askForWaiting(): Promise<void> {
    const isCandidate = (caps: readonly Cap[]): boolean => caps.every((cap) => cap.held < cap.max && !this.#full.has(cap));
    for (let waiter = this.#gate.next(isCandidate); waiter !== undefined; waiter = this.#gate.next(isCandidate)) {
      const { ask, caps } = waiter;
      const full = await this.#grant(caps).catch(() => this.#grantWithout(ask, caps));
      if (full === undefined) this.#gate.dispatch();
      else this.#full.add(full);
      for (const cap of caps) while (cap.spare > 0) this.#giveBack([cap]);
    }
  }

  #grantWithout(ask: Ask, caps: readonly Cap[]): Cap | undefined {
    if (this.#options.outage === "local") this.#grantHere(partOf(ask, this.#options.instances).demands);
    return caps.every((cap) => cap.spare > 0) ? undefined : caps.find((cap) => cap.spare <= 0);
  }
}

function refuse(entrant: Entrant, isGone: boolean): void {
  if (!isGone) entrant.refused({ limit: "", reason: "unavailable", retryAfterMs: 1_000 });
}
