import type { ServerResponse } from "node:http";

import type { BudgetedUsage } from "../call.ts";
import type { HoldResult } from "../store.ts";
import type { CallSize } from "./call-size.ts";

/** What the hold of a stream needs of its call. */
export interface StreamedCall {
  readonly res: ServerResponse;
  readonly size: CallSize;
  /** Whether the stream was cut, or goes on without a hold. */
  readonly hasEnded: boolean;
  /** What the call has used. */
  look(): BudgetedUsage;
  hold(tokens: readonly [input: number, output: number]): HoldResult | PromiseLike<HoldResult>;
  /** It has used all that it holds, and gets no more. */
  end(): void;
}

/** Extends what a stream holds while it runs, and lets it wait for a store that is slow. */
export class StreamHold {
  readonly #call: StreamedCall;
  /** What the call had used when it asked for more or was asked to wait, while the store has not replied. */
  #askedAt: number | undefined;
  /** It has used all that it holds, and waits for that reply. */
  #isWaiting = false;
  #isRefused = false;

  constructor(call: StreamedCall) {
    this.#call = call;
  }

  /** Looks at the progress after each write: others have seen the chunk by then. False asks the writer to wait for `drain`. */
  watch(): void {
    const { res } = this.#call;
    const write = res.write.bind(res) as (...args: unknown[]) => boolean;
    res.write = (...args: unknown[]) => {
      const isFlushed = write(...args);
      this.#progress();
      return isFlushed && !this.#isWaiting;
    };
  }

  #progress(): void {
    const call = this.#call;
    if (call.hasEnded) return;
    const usage = call.look();
    if (this.#isRefused) return call.size.isUsedUp(usage) ? call.end() : undefined;
    if (this.#askedAt !== undefined) return this.#await(usage, this.#askedAt);
    // Many tokens that come at once have been used: the store decides whether they fit.
    const extension = call.size.extension(usage);
    if (extension !== undefined) this.#extend(extension, usage);
  }

  /** Lets the stream wait for the store, and ends one that does not wait. */
  #await(usage: BudgetedUsage, askedAt: number): void {
    const { size } = this.#call;
    if (this.#isWaiting) return size.isFarBeyond(usage, askedAt) ? this.#call.end() : undefined;
    this.#isWaiting = size.isUsedUp(usage);
    this.#askedAt = usage.output;
  }

  #extend(extension: readonly [input: number, output: number], usage: BudgetedUsage): void {
    const call = this.#call;
    this.#askedAt = usage.output;
    const decided = ({ allowed }: Pick<HoldResult, "allowed">): void => {
      this.#askedAt = undefined;
      this.#isRefused = !allowed;
      if (allowed) call.size.extend(extension);
      else if (!call.hasEnded && call.size.isUsedUp(call.look())) call.end();
      this.#goOn();
    };
    const refused = (): void => decided({ allowed: false });
    try {
      const result = call.hold(extension);
      if (!("then" in result)) return decided(result);
      this.#isWaiting = call.size.isUsedUp(usage);
      result.then(decided, refused);
    } catch {
      refused();
    }
  }

  #goOn(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    // A response that still has bytes to send emits it by itself.
    const { res } = this.#call;
    if (!res.writableNeedDrain) res.emit("drain");
  }
}
