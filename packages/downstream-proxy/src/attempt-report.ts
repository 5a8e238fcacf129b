import type { IncomingMessage } from "node:http";

import type { BreakerPass, BreakerState, Verdict } from "./breaker.ts";
import { type AttemptOutcome, breakerChanged, downstreamAttempted } from "./events.ts";
import type { Route } from "./route.ts";

const verdicts: Readonly<Record<AttemptOutcome, Verdict>> = {
  success: "good",
  client_error: "good",
  server_error: "bad",
  connect_error: "bad",
  timeout: "bad",
  reset: "bad",
  cancelled: "none",
  refused: "none",
};

/** What the breaker and the listeners learn about one attempt. */
export class AttemptReport {
  readonly #req: IncomingMessage;
  readonly #route: Route;
  readonly #startedAt = performance.now();
  #origin: string | undefined;
  #pass: BreakerPass | undefined;
  #status: number | undefined;
  #bytes = 0;

  constructor(req: IncomingMessage, route: Route) {
    this.#req = req;
    this.#route = route;
  }

  /** Asks the breaker; false means that the attempt must not be made. */
  enter(): boolean {
    this.#pass = this.#route.breaker.enter(this.#startedAt, this.#onBreakerChange);
    return this.#pass !== undefined;
  }

  sentTo(origin: string): void {
    this.#origin = origin;
  }

  /** The breaker judges by the head, so that a long stream does not keep it waiting for its probe. */
  answered(status: number): void {
    this.#status = status;
    this.#leaveBreaker(this.outcomeOfStatus());
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  outcomeOfStatus(): AttemptOutcome {
    const status = this.#status ?? 0;
    if (status >= 500) return "server_error";
    return status >= 400 ? "client_error" : "success";
  }

  ended(outcome: AttemptOutcome): void {
    this.#leaveBreaker(outcome);
    if (!downstreamAttempted.heard) return;
    downstreamAttempted.publish({
      req: this.#req,
      target: this.#route.name,
      origin: this.#origin,
      outcome,
      status: this.#status,
      durationMs: performance.now() - this.#startedAt,
      bytes: this.#bytes,
    });
  }

  #leaveBreaker(outcome: AttemptOutcome): void {
    if (this.#pass === undefined) return;
    this.#route.breaker.leave(this.#pass, verdicts[outcome], performance.now(), this.#onBreakerChange);
    this.#pass = undefined;
  }

  readonly #onBreakerChange = (from: BreakerState, to: BreakerState): void => {
    if (breakerChanged.heard) breakerChanged.publish({ req: this.#req, target: this.#route.name, from, to });
  };
}
