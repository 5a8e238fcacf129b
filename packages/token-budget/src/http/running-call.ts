import type { IncomingMessage, ServerResponse } from "node:http";

import { onResponseClose, warnOfOption } from "@aivillage/middleware";

import { usedOf } from "../amounts.ts";
import { type Applied, toCharge, toHold } from "../applied.ts";
import type { BudgetedCall, BudgetedUsage } from "../call.ts";
import { budgetSettled, type BudgetSettled } from "../events.ts";
import type { Tariff } from "../money/prices.ts";
import { fromInteger } from "../money/units.ts";
import type { Settings } from "../options.ts";
import { publishThresholds } from "../standing.ts";
import type { BudgetStore, ChangedStanding, Hold, HoldResult } from "../store.ts";
import { CallSize } from "./call-size.ts";
import { cutResponse } from "./cut-response.ts";
import { lastEvent } from "./last-event.ts";
import type { Renewals } from "./renewals.ts";

/** What a running call needs besides its request. */
export interface CallContext {
  readonly settings: Settings;
  readonly store: BudgetStore;
  readonly renewals: Renewals;
  readonly call: BudgetedCall;
  readonly tariff: Tariff | undefined;
  readonly applied: readonly Applied[];
  /** Its name in the store. */
  readonly id: string;
}

/** A call from its first hold to its charge. */
export class RunningCall {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #context: CallContext;
  readonly #size: CallSize;
  #usage: BudgetedUsage;
  /** What it had used when it asked for more or was asked to wait, while the store has not replied. */
  #askedAt: number | undefined;
  /** It has used all that it holds, and waits for that reply. */
  #isWaiting = false;
  #isRefused = false;
  #end: BudgetSettled["end"] = "ended";

  constructor(req: IncomingMessage, res: ServerResponse, context: CallContext) {
    this.#req = req;
    this.#res = res;
    this.#context = context;
    this.#size = new CallSize(context.call, context.settings.unknownMax);
    this.#usage = { input: this.#size.tokens[0], output: 0 };
  }

  /** What the call holds, or asks for when it begins. */
  get holds(): readonly Hold[] {
    return this.#holdsOf(this.#size.tokens);
  }

  begin(): HoldResult | PromiseLike<HoldResult> {
    return this.#hold(this.#size.tokens);
  }

  /** The call was admitted: watches its response, and charges it in the end. */
  run(): void {
    const { renewals } = this.#context;
    renewals.add(this);
    this.#watch();
    onResponseClose(this.#res, () => {
      renewals.delete(this);
      this.#settle();
    });
  }

  /** The call was admitted, but nobody waits for it any more: it is not made. */
  drop(): void {
    this.#charge(this.#context.applied.map(() => 0));
  }

  /** A call that was cut off for longer than its lease, and whose room others have taken meanwhile, ends. */
  renew(): void {
    this.#look();
    const renewed = ({ allowed }: HoldResult): void => {
      if (!allowed && this.#end === "ended" && !this.#res.closed) this.#onEnd();
    };
    asked(() => this.#hold(this.#size.tokens)).then(renewed, ignore);
  }

  #hold(tokens: readonly [input: number, output: number]): HoldResult | PromiseLike<HoldResult> {
    const { store, settings, id } = this.#context;
    return store.hold(id, this.#holdsOf(tokens), settings.leaseMs);
  }

  #holdsOf(tokens: readonly [input: number, output: number]): Hold[] {
    const { applied, tariff } = this.#context;
    return applied.map((each) => toHold(each, tokens, this.#usage, tariff));
  }

  /** Looks at the progress after each write: others have seen the chunk by then. False asks the writer to wait for `drain`. */
  #watch(): void {
    const { call } = this.#context;
    if (call.stream !== true) return;
    const write = this.#res.write.bind(this.#res) as (...args: unknown[]) => boolean;
    this.#res.write = (...args: unknown[]) => {
      const isFlushed = write(...args);
      this.#progress();
      return isFlushed && !this.#isWaiting;
    };
  }

  #look(): void {
    this.#usage = this.#asked(this.#context.settings.usage) ?? this.#usage;
  }

  #progress(): void {
    if (this.#end !== "ended") return;
    this.#look();
    const [size, usage] = [this.#size, this.#usage];
    if (this.#isRefused) return size.isUsedUp(usage) ? this.#onEnd() : undefined;
    if (this.#askedAt !== undefined) return this.#await(this.#askedAt);
    // Many tokens that come at once have been used: the store decides whether they fit.
    const extension = size.extension(usage);
    if (extension !== undefined) this.#extend(extension);
  }

  /** Lets the stream wait for a store that is slow, and ends one that does not wait. */
  #await(askedAt: number): void {
    if (this.#isWaiting) return this.#size.isFarBeyond(this.#usage, askedAt) ? this.#onEnd() : undefined;
    this.#isWaiting = this.#size.isUsedUp(this.#usage);
    this.#askedAt = this.#usage.output;
  }

  #goOn(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    // A response that has more to send emits it by itself.
    if (this.#end !== "cut" && !this.#res.writableNeedDrain) this.#res.emit("drain");
  }

  #extend(extension: readonly [input: number, output: number]): void {
    this.#askedAt = this.#usage.output;
    const decided = ({ allowed }: Pick<HoldResult, "allowed">): void => {
      this.#askedAt = undefined;
      this.#isRefused = !allowed;
      if (allowed) this.#size.extend(extension);
      else if (this.#size.isUsedUp(this.#usage) && this.#end === "ended") this.#onEnd();
      this.#goOn();
    };
    const refused = (): void => decided({ allowed: false });
    try {
      const result = this.#hold(extension);
      if (!("then" in result)) return decided(result);
      this.#isWaiting = this.#size.isUsedUp(this.#usage);
      result.then(decided, refused);
    } catch {
      refused();
    }
  }

  #onEnd(): void {
    const { settings, call } = this.#context;
    if (settings.onEnd === "finish" || call.stream !== true) {
      this.#end = "finished";
      return;
    }
    this.#end = "cut";
    const message = "The budget of the call is used up, so its output ends here. It resets at the end of its period.";
    const error = { message, code: "insufficient_quota" };
    cutResponse(this.#res, this.#asked(() => settings.lastEvent?.(call, error)) ?? lastEvent(call, error));
  }

  #settle(): void {
    const { settings, applied, tariff } = this.#context;
    if (this.#asked(settings.isMade) === false) return this.drop();
    const usage = this.#asked(settings.usage);
    const hasFailed = this.#res.statusCode >= 400;
    const counted = usage ?? (hasFailed ? { input: 0, output: 0 } : undefined);
    if (counted === undefined) return this.#charge(this.holds.map(({ amount }) => amount));
    const used = applied.map(({ budget: { unit } }) => (hasFailed && unit === "calls" ? 0 : usedOf(unit, counted, tariff)));
    this.#charge(used);
  }

  /** The call has been admitted, so what an option throws can refuse nothing: it counts as if it had returned nothing. */
  #asked<T>(resolve: ((req: IncomingMessage) => T) | undefined): T | undefined {
    try {
      return resolve?.(this.#req);
    } catch (error) {
      warnOfOption(error);
      return undefined;
    }
  }

  #charge(used: readonly number[]): void {
    const { store, applied, id } = this.#context;
    const charges = applied.map((each, index) => toCharge(each, used[index] ?? 0));
    if (budgetSettled.heard) {
      const charged = applied.map(({ budget: { name, unit } }, index) => [name, fromInteger(unit, used[index] ?? 0)] as const);
      budgetSettled.publish({ req: this.#req, charged: Object.fromEntries(charged), end: this.#end });
    }
    const settled = (standings: readonly ChangedStanding[]): void => publishAll(applied, standings);
    asked(() => store.settle(id, charges)).then(settled, ignore);
  }
}

/** Reports the thresholds that a change has reached. */
function publishAll(applied: readonly Applied[], standings: readonly ChangedStanding[]): void {
  for (const [index, { budget, limit }] of applied.entries()) {
    const standing = standings[index];
    if (standing !== undefined) publishThresholds(budget, limit, standing);
  }
}

/** What a store throws counts as what it rejects with: here nobody could take an error. */
function asked<T>(ask: () => T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve) => resolve(ask()));
}

function ignore(): void {
  // A store reports its own failures, and keeps what it could not deliver.
}
