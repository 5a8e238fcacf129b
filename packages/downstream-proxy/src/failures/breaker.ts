import type { FailureSource } from "./failure-sources.ts";
import { type FailureKind, FailureWindow, type WindowSettings } from "./failure-window.ts";
import { Trickle } from "./trickle.ts";

/** `closed`: requests pass. `open`: none passes. `half-open`: a few pass and decide. */
export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerSettings extends WindowSettings {
  /** How long it stays open the first time, in milliseconds; doubles while it opens again without having closed. */
  readonly openMs: number;
  /** Maximum time that it stays open, in milliseconds. */
  readonly maxOpenMs: number;
}

/** The request that asks the breaker for permission. */
export interface BreakerCaller {
  /** When the attempt began, in monotonic milliseconds. */
  readonly startedAt: number;
  source(): FailureSource;
  /** Called for every change that this request caused. */
  onBreakerChange(from: BreakerState, to: BreakerState): void;
}

/** Maximum requests per second that try a target while none has a response. */
const maxTrials = 8;

/** Responses in the half-open state that close it. */
const closingResponses = 3;

/**
 * Stops sending requests to a target that is down.
 *
 * It opens when too many requests in a `FailureWindow` fail. After `openMs` it is half-open: a `Trickle` of requests passes. Three
 * responses close it. A failed connection opens it again, and so do failures of as many clients as the first time.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #window: FailureWindow;
  #state: BreakerState = "closed";
  #openMs: number;
  #openUntil = 0;
  #halfOpenSince = 0;
  #trickle = new Trickle(0, maxTrials);
  #responses = 0;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
    this.#window = new FailureWindow(settings);
    this.#openMs = settings.openMs;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** If it is open, lets the next requests try the target at once. */
  endWait(): void {
    this.#openUntil = 0;
  }

  /** Decides by the requests from now on alone. As many failures, of as many clients, are needed as without a suspicion. */
  suspect(): void {
    if (this.#state === "closed") this.#window.forgetResponses();
  }

  /** Whether a request may be sent at `now` (monotonic milliseconds). */
  admits(caller: BreakerCaller, now: number): boolean {
    if (this.#state === "closed") return true;
    if (this.#state === "open") {
      if (now < this.#openUntil) return false;
      this.#halfOpen(caller, now);
    }
    const { name } = caller.source();
    if (!this.#trickle.hasRoom(name, now)) return false;
    this.#trickle.take(name);
    return true;
  }

  responded(caller: BreakerCaller, now: number): void {
    if (this.#state === "closed") return this.#window.responded(now);
    if (!this.#isTrial(caller)) return;
    this.#window.responded(now);
    this.#trickle.responded();
    this.#responses += 1;
    if (this.#responses >= closingResponses) this.#close(caller);
  }

  failed(kind: FailureKind, caller: BreakerCaller, now: number): void {
    if (this.#state !== "closed" && !this.#isTrial(caller)) return;
    const tooMany = this.#window.failed(kind, () => caller.source(), now);
    const stillDown = this.#state === "half-open" && kind === "unreachable";
    if (tooMany || stillDown) this.#open(caller, now);
  }

  /** A request that was sent before it opened says nothing about the target as it is now. */
  #isTrial({ startedAt }: BreakerCaller): boolean {
    return this.#state === "half-open" && startedAt >= this.#halfOpenSince;
  }

  #open(caller: BreakerCaller, now: number): void {
    this.#openUntil = now + this.#openMs;
    this.#openMs = Math.min(this.#openMs * 2, this.#settings.maxOpenMs);
    this.#become("open", caller);
  }

  #halfOpen(caller: BreakerCaller, now: number): void {
    this.#halfOpenSince = caller.startedAt;
    this.#trickle = new Trickle(now, maxTrials);
    this.#responses = 0;
    this.#become("half-open", caller);
  }

  #close(caller: BreakerCaller): void {
    this.#openMs = this.#settings.openMs;
    this.#become("closed", caller);
  }

  #become(state: BreakerState, caller: BreakerCaller): void {
    const from = this.#state;
    this.#state = state;
    this.#window.clear();
    caller.onBreakerChange(from, state);
  }
}
