/** `closed`: requests pass. `open`: none passes. `half-open`: one passes, and decides. */
export type BreakerState = "closed" | "open" | "half-open";

/** The leave to send one request, to be handed back with the verdict on it. */
export type BreakerPass = "normal" | "probe";

/** What a request says about the health of its target; `none` when it was cancelled or never sent. */
export type Verdict = "good" | "bad" | "none";

/** Told of every change; the request that caused it is for the listener to know. */
export interface BreakerListener {
  onBreakerChange(from: BreakerState, to: BreakerState): void;
}

/**
 * A circuit breaker that counts failures in a row.
 *
 * `failures` of them open it for `openMs`; after that one request probes the target while all others are still refused. Its
 * success closes the breaker, its failure opens it again.
 */
export class Breaker {
  readonly #failures: number;
  readonly #openMs: number;
  #state: BreakerState = "closed";
  #failedInARow = 0;
  #openUntil = 0;
  #probing = false;

  constructor(settings: { failures: number; openMs: number }) {
    this.#failures = settings.failures;
    this.#openMs = settings.openMs;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Lets the next request probe the target at once when it is open. */
  endWait(): void {
    this.#openUntil = 0;
  }

  /** Makes the next failure enough to open it, unless a success comes first. */
  suspect(): void {
    if (this.#state === "closed" && this.#failures < Infinity) this.#failedInARow = this.#failures - 1;
  }

  /** Asks to send a request at `now` (monotonic milliseconds); `undefined` means no. */
  enter(now: number, listener: BreakerListener): BreakerPass | undefined {
    if (this.#state === "closed") return "normal";
    if (this.#state === "open") {
      if (now < this.#openUntil) return undefined;
      this.#become("half-open", listener);
    }
    if (this.#probing) return undefined;
    this.#probing = true;
    return "probe";
  }

  /** Hands the pass back. A normal pass counts only while the breaker is closed: a late answer does not overrule the probe. */
  leave(pass: BreakerPass, verdict: Verdict, now: number, listener: BreakerListener): void {
    if (pass === "probe") return this.#judgeProbe(verdict, now, listener);
    if (this.#state !== "closed" || verdict === "none") return;
    this.#failedInARow = verdict === "good" ? 0 : this.#failedInARow + 1;
    if (this.#failedInARow >= this.#failures) this.#open(now, listener);
  }

  #judgeProbe(verdict: Verdict, now: number, listener: BreakerListener): void {
    this.#probing = false;
    if (verdict === "bad") this.#open(now, listener);
    if (verdict === "good") this.#become("closed", listener);
  }

  #open(now: number, listener: BreakerListener): void {
    this.#openUntil = now + this.#openMs;
    this.#become("open", listener);
  }

  #become(state: BreakerState, listener: BreakerListener): void {
    const from = this.#state;
    this.#state = state;
    this.#failedInARow = 0;
    listener.onBreakerChange(from, state);
  }
}
