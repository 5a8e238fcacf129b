import type { IncomingMessage } from "node:http";

import type { BreakerCaller, BreakerState } from "../failures/breaker.ts";
import type { FailureSource } from "../failures/failure-sources.ts";
import type { FailureKind } from "../failures/failure-window.ts";
import { type AttemptOutcome, breakerChanged, downstreamAttempted, replicaChanged } from "../report/events.ts";
import type { Try } from "./attempt-plan.ts";
import type { Failure } from "./failure.ts";
import { failureKind } from "./verdict.ts";

/** Asked for once: it is a getter that costs. */
const { timeOrigin } = performance;

/** What breaker, replica and listeners learn about one attempt. */
export class AttemptReport implements BreakerCaller {
  readonly #req: IncomingMessage;
  readonly #try: Try;
  /** Sent to the target. */
  traceparent: string | undefined;
  #entered = false;
  #judged = false;
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
    const { route, startedAt, isAdmitted } = this.#try;
    route.sources.note(this.#req, startedAt);
    const mayGoOn = isAdmitted && route.breaker.state !== "open";
    this.#entered = mayGoOn || route.breaker.admits(this, startedAt);
    return this.#entered;
  }

  get startedAt(): number {
    return this.#try.startedAt;
  }

  source(): FailureSource {
    return this.#try.route.sources.of(this.#req, performance.now());
  }

  /** It has got a connection after a wait. */
  admitted(): void {
    this.#queuedMs = this.#elapsedMs();
  }

  /** A connection was made for it. */
  connected(): void {
    this.#connectMs = this.#elapsedMs() - this.#queuedMs;
  }

  /** Breaker and replica are judged by the head, so that a long stream keeps nobody waiting. */
  answered(status: number): void {
    const now = performance.now();
    this.#status = status;
    this.#firstByteMs = now - this.#try.startedAt;
    if (this.#try.route.failureStatuses.has(status)) this.#countFailure("failed", now);
    else this.#countResponse(now);
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

  ended(outcome: AttemptOutcome, failure?: Failure): void {
    const kind = this.#judged ? undefined : failureKind(outcome, failure);
    if (kind !== undefined) this.#countFailure(kind, performance.now());
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

  #countResponse(now: number): void {
    this.#judged = true;
    const { route, origin } = this.#try;
    if (origin.health.responded(now)) this.#tellReplica("returned", undefined);
    route.breaker.responded(this, now);
  }

  /** Never are all replicas ejected: the last one that is not stays. */
  #countFailure(kind: FailureKind, now: number): void {
    this.#judged = true;
    const { route, origin } = this.#try;
    const mayEject = route.origins.some((other) => other !== origin && !other.health.isEjected);
    const ejectedMs = origin.health.failed(kind, () => this.source(), now, mayEject);
    if (ejectedMs !== undefined) this.#tellReplica("ejected", ejectedMs);
    if (!this.#othersMayWork()) route.breaker.failed(kind, this, now);
  }

  /** The breaker is the whole target's: it counts a failure only when every other replica has failed since the request began. */
  #othersMayWork(): boolean {
    const { route, origin, targetStartedAt } = this.#try;
    return route.origins.some((other) => other !== origin && !other.health.hasFailedSince(targetStartedAt));
  }

  #tellReplica(to: "ejected" | "returned", ejectedMs: number | undefined): void {
    if (!replicaChanged.heard) return;
    replicaChanged.publish({ req: this.#req, target: this.#try.route.name, origin: this.#try.origin.url, to, ejectedMs });
  }

  #elapsedMs(): number {
    return performance.now() - this.#try.startedAt;
  }
}
