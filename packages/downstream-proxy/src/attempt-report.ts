import type { IncomingMessage } from "node:http";

import type { BreakerListener, BreakerPass, BreakerState, Verdict } from "./breaker.ts";
import { type AttemptOutcome, breakerChanged, downstreamAttempted, replicaChanged } from "./events.ts";
import type { Origin } from "./origin.ts";
import type { Try } from "./plan.ts";
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

/** What breaker, replica and listeners learn about one attempt. */
export class AttemptReport implements BreakerListener {
  readonly #req: IncomingMessage;
  readonly #route: Route;
  readonly #origin: Origin;
  readonly #attempt: number;
  readonly #isLastReplica: boolean;
  readonly #startedAt = performance.now();
  #pass: BreakerPass | undefined;
  #entered = false;
  #status: number | undefined;
  #queuedMs = 0;
  #connectMs: number | undefined;
  #firstByteMs: number | undefined;
  #bytes = 0;
  #bytesSent = 0;

  constructor(req: IncomingMessage, { route, origin, attempt, isLastReplica }: Try) {
    this.#req = req;
    this.#route = route;
    this.#origin = origin;
    this.#attempt = attempt;
    this.#isLastReplica = isLastReplica;
  }

  /** Asks the breaker; false means that the attempt must not be made. */
  enter(): boolean {
    this.#pass = this.#route.breaker.enter(this.#startedAt, this);
    this.#entered = this.#pass !== undefined;
    return this.#entered;
  }

  admitted(): void {
    this.#queuedMs = this.#elapsedMs();
  }

  connected(isNew: boolean): void {
    if (isNew) this.#connectMs = this.#elapsedMs() - this.#queuedMs;
  }

  /** Breaker and replica are judged by the head, so that a long stream does not keep a probe waiting. */
  answered(status: number): void {
    this.#status = status;
    this.#firstByteMs = this.#elapsedMs();
    this.#judge(this.outcomeOfStatus());
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  sent(bytes: number): void {
    this.#bytesSent += bytes;
  }

  outcomeOfStatus(): AttemptOutcome {
    const status = this.#status ?? 0;
    if (status >= 500) return "server_error";
    return status >= 400 ? "client_error" : "success";
  }

  ended(outcome: AttemptOutcome): void {
    this.#judge(outcome);
    if (!downstreamAttempted.heard) return;
    downstreamAttempted.publish({
      req: this.#req,
      target: this.#route.name,
      origin: this.#entered ? this.#origin.url : undefined,
      attempt: this.#attempt,
      outcome,
      status: this.#status,
      queuedMs: this.#queuedMs,
      connectMs: this.#connectMs,
      firstByteMs: this.#firstByteMs,
      durationMs: this.#elapsedMs(),
      bytes: this.#bytes,
      bytesSent: this.#bytesSent,
    });
  }

  /** The times up to the head as metrics of `Server-Timing`. */
  serverTiming(): string {
    const metric = (name: string, ms: number): string => `downstream${name};dur=${ms.toFixed(1)}`;
    const phases = [`${metric("", this.#firstByteMs ?? 0)};desc="${this.#route.name}"`, metric("-queue", this.#queuedMs)];
    if (this.#connectMs !== undefined) phases.push(metric("-connect", this.#connectMs));
    return phases.join(", ");
  }

  onBreakerChange(from: BreakerState, to: BreakerState): void {
    if (breakerChanged.heard) breakerChanged.publish({ req: this.#req, target: this.#route.name, from, to });
  }

  #judge(outcome: AttemptOutcome): void {
    if (this.#pass === undefined) return;
    const now = performance.now();
    const verdict = verdicts[outcome];
    if (verdict === "good" && this.#origin.health.succeeded()) this.#tellReplica("returned", undefined);
    if (verdict === "bad") this.#countFailure(now);
    this.#route.breaker.leave(this.#pass, this.#othersCanHelp(outcome) ? "none" : verdict, now, this);
    this.#pass = undefined;
  }

  /** Never all at once: the last one that is not ejected stays. */
  #countFailure(now: number): void {
    const mayEject = this.#route.origins.some((other) => other !== this.#origin && !other.health.isEjected);
    const ejectedMs = this.#origin.health.failed(now, mayEject);
    if (ejectedMs !== undefined) this.#tellReplica("ejected", ejectedMs);
  }

  /** The breaker is the whole target's: a replica's failure is none of the target's while another one works or is still to be tried. */
  #othersCanHelp(outcome: AttemptOutcome): boolean {
    if (verdicts[outcome] !== "bad" || this.#route.origins.length === 1) return false;
    if (outcome === "connect_error" && !this.#isLastReplica) return true;
    return this.#route.origins.some((other) => !other.health.isFailing);
  }

  #tellReplica(to: "ejected" | "returned", ejectedMs: number | undefined): void {
    if (!replicaChanged.heard) return;
    replicaChanged.publish({ req: this.#req, target: this.#route.name, origin: this.#origin.url, to, ejectedMs });
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }
}
