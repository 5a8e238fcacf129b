import type { IncomingMessage, ServerResponse } from "node:http";

import { hasResponseClosed, onResponseClose, warnOfOption } from "@aivillage/middleware";

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
import { type StreamedCall, StreamHold } from "./stream-hold.ts";

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
export class RunningCall implements StreamedCall {
  readonly res: ServerResponse;
  readonly size: CallSize;
  readonly #req: IncomingMessage;
  readonly #context: CallContext;
  #usage: BudgetedUsage;
  #end: BudgetSettled["end"] = "ended";
  /** Questions to the store without a reply yet. */
  #asking = 0;

  constructor(req: IncomingMessage, res: ServerResponse, context: CallContext) {
    this.#req = req;
    this.res = res;
    this.#context = context;
    this.size = new CallSize(context.call, context.settings.unknownMax);
    this.#usage = { input: this.size.tokens[0], output: 0 };
  }

  /** What the call holds, or asks for when it begins. */
  get holds(): readonly Hold[] {
    return this.#holdsOf(this.size.tokens);
  }

  get hasEnded(): boolean {
    return this.#end !== "ended";
  }

  begin(): HoldResult | PromiseLike<HoldResult> {
    return this.hold(this.size.tokens);
  }

  /** The call was admitted: watches its response, and charges it in the end. */
  run(): void {
    const { renewals, call } = this.#context;
    renewals.add(this);
    if (call.stream === true) new StreamHold(this).watch();
    onResponseClose(this.res, () => {
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
    this.look();
    // What is being asked for renews the lease too. To hold as much as before would take back what the store has granted meanwhile.
    if (this.#asking > 0) return;
    const renewed = ({ allowed }: HoldResult): void => {
      if (!allowed && !this.hasEnded && !hasResponseClosed(this.res)) this.end();
    };
    asked(() => this.hold(this.size.tokens)).then(renewed, ignore);
  }

  hold(tokens: readonly [input: number, output: number]): HoldResult | PromiseLike<HoldResult> {
    const { store, settings, id } = this.#context;
    const result = store.hold(id, this.#holdsOf(tokens), settings.leaseMs);
    if (!("then" in result)) return result;
    this.#asking += 1;
    const replied = (): void => void (this.#asking -= 1);
    result.then(replied, replied);
    return result;
  }

  #holdsOf(tokens: readonly [input: number, output: number]): Hold[] {
    const { applied, tariff } = this.#context;
    return applied.map((each) => toHold(each, tokens, this.#usage, tariff));
  }

  look(): BudgetedUsage {
    this.#usage = this.#resultOf(this.#context.settings.usage) ?? this.#usage;
    return this.#usage;
  }

  end(): void {
    const { settings, call } = this.#context;
    if (settings.onEnd === "finish" || call.stream !== true) {
      this.#end = "finished";
      return;
    }
    this.#end = "cut";
    const message = "The budget of the call is used up, so its output ends here. It resets at the end of its period.";
    const error = { message, code: "insufficient_quota" };
    cutResponse(this.res, this.#resultOf(() => settings.lastEvent?.(call, error)) ?? lastEvent(call, error));
  }

  #settle(): void {
    const { settings, applied, tariff } = this.#context;
    if (this.#resultOf(settings.isMade) === false) return this.drop();
    const usage = this.#resultOf(settings.usage);
    const hasFailed = this.res.statusCode >= 400;
    const counted = usage ?? (hasFailed ? { input: 0, output: 0 } : undefined);
    if (counted === undefined) return this.#charge(this.holds.map(({ amount }) => amount));
    const used = applied.map(({ budget: { unit } }) => (hasFailed && unit === "calls" ? 0 : usedOf(unit, counted, tariff)));
    this.#charge(used);
  }

  /** The call has been admitted, so what an option throws can refuse nothing: it counts as if it had returned nothing. */
  #resultOf<T>(resolve: ((req: IncomingMessage) => T) | undefined): T | undefined {
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
    if (budgetSettled.hasSubscribers) {
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
