import type { IncomingMessage } from "node:http";

import type { BreakerListener, BreakerPass, BreakerState, Verdict } from "./breaker.ts";
import { type AttemptOutcome, breakerChanged, downstreamAttempted, replicaChanged } from "./events.ts";
import type { Try } from "./plan.ts";

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

/** Asked for once: it is a getter that costs. */
const { timeOrigin } = performance;

/** What breaker, replica and listeners learn about one attempt. */
export class AttemptReport implements BreakerListener {
  readonly #req: IncomingMessage;
  readonly #try: Try;
  /** Sent to the target. */
  traceparent: string | undefined;
  #pass: BreakerPass | undefined;
  #entered = false;
  #status: number | undefined;
  #queuedMs = 0;
  #connectMs: number | undefined;
  #firstByteMs: number | undefined;
  #bytes = 0;
  #bytesSent = 0;

  constructor(req: IncomingMessage, begun: Try) {
    this.#req = req;
    this.#try = begun;
  }

  /** Asks the breaker; false means that the attempt must not be made. */
  enter(): boolean {
    this.#pass = this.#try.route.breaker.enter(this.#try.startedAt, this);
    this.#entered = this.#pass !== undefined;
    return this.#entered;
  }

  /** It has got a connection after a wait. */
  admitted(): void {
    this.#queuedMs = this.#elapsedMs();
  }

  /** A connection was made for it. */
  connected(): void {
    this.#connectMs = this.#elapsedMs() - this.#queuedMs;
  }

  /** Breaker and replica are judged by the head, so that a long stream does not keep a probe waiting. */
  answered(status: number): void {
    const now = performance.now();
    this.#status = status;
    this.#firstByteMs = now - this.#try.startedAt;
    this.#judge(this.outcomeOfStatus(), now);
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
    if (this.#pass !== undefined) this.#judge(outcome, performance.now());
    if (!downstreamAttempted.heard) return;
    const { route, origin, attempt, startedAt } = this.#try;
    downstreamAttempted.publish({
      req: this.#req,
      target: route.name,
      origin: this.#entered ? origin.url : undefined,
      attempt,
      outcome,
      status: this.#status,
      startedAt: timeOrigin + startedAt,
      traceparent: this.traceparent,
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
    const phases = [`${metric("", this.#firstByteMs ?? 0)};desc="${this.#try.route.name}"`, metric("-queue", this.#queuedMs)];
    if (this.#connectMs !== undefined) phases.push(metric("-connect", this.#connectMs));
    return phases.join(", ");
  }

  onBreakerChange(from: BreakerState, to: BreakerState): void {
    if (breakerChanged.heard) breakerChanged.publish({ req: this.#req, target: this.#try.route.name, from, to });
  }

  #judge(outcome: AttemptOutcome, now: number): void {
    if (this.#pass === undefined) return;
    const { route, origin } = this.#try;
    const verdict = verdicts[outcome];
    if (verdict === "good" && origin.health.succeeded()) this.#tellReplica("returned", undefined);
    if (verdict === "bad") this.#countFailure(now);
    route.breaker.leave(this.#pass, this.#othersCanHelp(outcome) ? "none" : verdict, now, this);
    this.#pass = undefined;
  }

  /** Never all at once: the last one that is not ejected stays. */
  #countFailure(now: number): void {
    const { route, origin } = this.#try;
    const mayEject = route.origins.some((other) => other !== origin && !other.health.isEjected);
    const ejectedMs = origin.health.failed(now, mayEject);
    if (ejectedMs !== undefined) this.#tellReplica("ejected", ejectedMs);
  }

  /** The breaker is the whole target's: a replica's failure is none of the target's while another one works or is still to be tried. */
  #othersCanHelp(outcome: AttemptOutcome): boolean {
    const { route, isLastReplica } = this.#try;
    if (verdicts[outcome] !== "bad" || route.origins.length === 1) return false;
    if (outcome === "connect_error" && !isLastReplica) return true;
    return route.origins.some((other) => !other.health.isFailing);
  }

  #tellReplica(to: "ejected" | "returned", ejectedMs: number | undefined): void {
    if (!replicaChanged.heard) return;
    replicaChanged.publish({ req: this.#req, target: this.#try.route.name, origin: this.#try.origin.url, to, ejectedMs });
  }

  #elapsedMs(): number {
    return performance.now() - this.#try.startedAt;
  }
}
