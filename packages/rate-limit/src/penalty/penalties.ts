import type { IncomingMessage } from "node:http";

import { MemoryStore } from "../memory/memory-store.ts";
import type { Charge, Decision } from "../store.ts";
import { type Penalty, PenaltyBox } from "./penalty-box.ts";
import type { ReadPenaltyOptions } from "./penalty-options.ts";

const sweepEveryMs = 1_000;
/** Cannot be the name of a policy. */
const reported = "(reported)";

/**
 * Penalises clients for severe excess and for what is reported of them, and lowers their limits.
 *
 * Offences are counted like requests: too many within a window are refused, and that is the penalty.
 */
export class Penalties {
  readonly #options: ReadPenaltyOptions;
  readonly #keyOf: (req: IncomingMessage) => string | undefined;
  readonly #now: () => number;
  readonly #box: PenaltyBox;
  readonly #offences: MemoryStore;
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: ReadPenaltyOptions, clientKey: (req: IncomingMessage) => string) {
    this.#options = options;
    this.#keyOf = options.key ?? clientKey;
    this.#now = options.now ?? (() => performance.now());
    this.#box = new PenaltyBox(options);
    this.#offences = new MemoryStore({ maxKeys: options.maxKeys, now: this.#now });
    this.#sweeper = setInterval(() => this.#box.sweep(this.#now()), sweepEveryMs).unref();
  }

  isPenalised(req: IncomingMessage): boolean {
    if (this.#box.isEmpty) return false;
    const key = this.#keyOf(req);
    return key !== undefined && this.#box.has(key, this.#now());
  }

  /** The charges under lower limits, but none lower than a single request needs: the wait for it would never end. */
  lower(charges: readonly Charge[]): Charge[] {
    return charges.map((charge) => {
      const { limit, cost } = charge;
      return { ...charge, limit: Math.min(limit, Math.max(1, cost, Math.floor(limit / this.#options.divisor))) };
    });
  }

  /** Counts what a request was refused. */
  noteRefusal(req: IncomingMessage, charges: readonly Charge[], { verdicts }: Decision): void {
    const key = this.#keyOf(req);
    if (key === undefined) return;
    for (const [index, { policy, limit, windowMs, cost }] of charges.entries()) {
      const counted = { policy, key, limit: limit * this.#options.factor, windowMs, cost };
      if (verdicts[index]?.exceeded === true) this.#count(counted, "excess");
    }
  }

  /** Counts what somebody else has to say against a client. */
  report(who: IncomingMessage | string, weight: number, reason: string): void {
    const key = typeof who === "string" ? who : this.#keyOf(who);
    const { tolerance, durationMs } = this.#options;
    if (key !== undefined) this.#count({ policy: reported, key, limit: tolerance, windowMs: durationMs, cost: weight }, reason);
  }

  list(): Penalty[] {
    return this.#box.list(this.#now());
  }

  pardon(key: string): boolean {
    return this.#box.pardon(key, this.#now());
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#offences.close();
  }

  #count(offence: Charge, reason: string): void {
    if (this.#offences.decide([offence]).allowed) return;
    this.#offences.reset(offence.policy, offence.key);
    this.#box.add(offence.key, reason, this.#now());
  }
}
