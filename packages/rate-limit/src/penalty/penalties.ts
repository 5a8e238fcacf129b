import type { IncomingMessage } from "node:http";

import { recogniseAcrossCopies } from "@aivillage/middleware";

import { givenOrOwn } from "../own-store.ts";
import { lookEveryMs } from "../penalty-records.ts";
import type { Charge, Decision, Store } from "../store.ts";
import { Offences } from "./offences.ts";
import { type Penalty, PenaltyBox } from "./penalty-box.ts";
import { type PenaltyOptions, readPenaltyOptions } from "./penalty-options.ts";
import { SharedPenalties } from "./shared-penalties.ts";

/**
 * Penalises clients for severe excess and for what is reported of them, and lowers their limits.
 *
 * Give one to several `rateLimit()`, or to one after the other, and they share their penalties. With a store that processes share,
 * such as a `RedisStore` or `ClusterStore`, a client is penalised in all of them, within about a second.
 *
 * @throws OptionError for an unknown or bad option
 */
export class Penalties {
  readonly #options: ReturnType<typeof readPenaltyOptions>;
  readonly #now: () => number;
  readonly #box: PenaltyBox;
  readonly #offences: Offences;
  readonly #shared: SharedPenalties | undefined;
  readonly #sweeper: NodeJS.Timeout;
  readonly #closeStore: () => void;

  static {
    recogniseAcrossCopies(this, "@aivillage/rate-limit.Penalties");
  }

  /** `path` is where the options stand in those of another factory. */
  constructor(options?: PenaltyOptions, path = "") {
    const read = readPenaltyOptions(options, path);
    const { now = () => performance.now(), maxKeys } = read;
    const { store, close } = givenOrOwn(read.store, { maxKeys, now });
    this.#options = read;
    this.#now = now;
    this.#box = new PenaltyBox(read);
    this.#offences = new Offences(store, (key, reason) => this.#impose(key, reason));
    this.#shared = store.penalties && new SharedPenalties(store.penalties, this.#box, now);
    this.#closeStore = close;
    this.#sweeper = setInterval(() => this.#sweep(), lookEveryMs).unref();
  }

  /**
   * Counts what somebody has to say against a client; too much of it within `durationMs` is penalised.
   *
   * @param weight how bad it was, an integer, at least 1
   */
  report(client: string, weight = 1, reason = "reported"): void {
    const { tolerance, durationMs } = this.#options;
    // Cannot be the name of a policy, nor can the one below.
    this.#offences.count({ policy: "(reported)", key: client, limit: tolerance, windowMs: durationMs, cost: weight }, reason);
  }

  /** Whether a client is penalised now. */
  has(client: string): boolean {
    return !this.#box.isEmpty && this.#box.has(client, this.#now());
  }

  /** Who is penalised now. */
  list(): Penalty[] {
    return this.#box.list(this.#now());
  }

  /** Ends a penalty at once and forgets it; false when there is none. `client` is its key, or its name in `penaltyChanged`. */
  clear(client: string): boolean {
    const key = this.#box.clear(client, this.#now());
    if (key !== undefined) this.#shared?.remove(key);
    return key !== undefined;
  }

  /** The charges under lower limits, but none lower than a single request needs: the wait for it would never end. */
  lower(charges: readonly Charge[]): Charge[] {
    return charges.map((charge) => {
      const { limit, cost } = charge;
      return { ...charge, limit: Math.min(limit, Math.max(1, cost, Math.floor(limit / this.#options.divisor))) };
    });
  }

  /** Who is penalised for a request: as the option `key` says, else `client`. */
  clientOf(req: IncomingMessage, client: (req: IncomingMessage) => string): string | undefined {
    return (this.#options.key ?? client)(req);
  }

  isPenalised(req: IncomingMessage, client: (req: IncomingMessage) => string): boolean {
    if (this.#box.isEmpty) return false;
    const key = this.clientOf(req, client);
    return key !== undefined && this.has(key);
  }

  /** Counts what a request was refused. */
  noteRefusal(req: IncomingMessage, client: (req: IncomingMessage) => string, charges: readonly Charge[], { verdicts }: Decision): void {
    const key = this.clientOf(req, client);
    if (key === undefined) return;
    for (const [index, { policy, limit, windowMs, cost }] of charges.entries()) {
      const offence = { policy: `(excess) ${policy}`, key, limit: limit * this.#options.factor, windowMs, cost };
      if (verdicts[index]?.exceeded === true) this.#offences.count(offence, "excess");
    }
  }

  /** Stops the timers. Penalties that last stay known. */
  close(): void {
    clearInterval(this.#sweeper);
    this.#closeStore();
  }

  #impose(key: string, reason: string): void {
    const record = this.#box.add(key, reason, this.#now());
    this.#shared?.write(record);
  }

  #sweep(): void {
    this.#box.sweep(this.#now());
    this.#shared?.read();
  }
}

/** The penalties to use, if any, and what closes them unless their owner does. */
export function givenOrOwnPenalties(
  given: Penalties | PenaltyOptions | undefined,
  store: Store,
): { penalties: Penalties | undefined; close: () => void } {
  if (given === undefined || given instanceof Penalties) return { penalties: given, close: () => undefined };
  const penalties = new Penalties(store.penalties === undefined ? given : { store, ...given }, "penalty");
  return { penalties, close: () => penalties.close() };
}
