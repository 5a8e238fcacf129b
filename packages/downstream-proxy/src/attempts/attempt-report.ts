import type { IncomingMessage } from "node:http";

import type { BreakerCaller, BreakerState } from "../failures/breaker.ts";
import type { FailureSource } from "../failures/failure-sources.ts";
import type { FailureKind } from "../failures/failure-window.ts";
import { type AttemptOutcome, breakerChanged, downstreamAttempted, replicaChanged } from "../report/events.ts";
import type { PlannedAttempt } from "./attempt-plan.ts";
import { type Failure, failureKind, reasonOf } from "./failure.ts";

/** Read once, because the getter is expensive. */
const { timeOrigin } = performance;

/** Reports one attempt to the breaker, the replica and the subscribers of events. */
export class AttemptReport implements BreakerCaller {
  readonly #req: IncomingMessage;
  readonly #planned: PlannedAttempt;
  /** Sent to the target. */
  traceparent: string | undefined;
  #entered = false;
  #counted = false;
  #status: number | undefined;
  #protocolVersion: "1.1" | "2" | undefined;
  #queuedMs = 0;
  #connectMs: number | undefined;
  #firstByteMs: number | undefined;
  #bytes = 0;
  #bytesSent = 0;

  constructor(req: IncomingMessage, planned: PlannedAttempt) {
    this.#req = req;
    this.#planned = planned;
  }

  /** Asks the breaker; false means that the attempt must not be made. */
  enter(): boolean {
    const { target, startedAt, isAdmitted } = this.#planned;
    target.sources.record(this.#req, startedAt);
    const mayGoOn = isAdmitted && target.breaker.state !== "open";
    this.#entered = mayGoOn || target.breaker.admits(this, startedAt);
    return this.#entered;
  }

  get startedAt(): number {
    return this.#planned.startedAt;
  }

  source(): FailureSource {
    return this.#planned.target.sources.of(this.#req, performance.now());
  }

  /** It has a connection after a wait. */
  acquired(): void {
    this.#queuedMs = this.#elapsedMs();
  }

  /** A connection was made for it. */
  connected(): void {
    this.#connectMs = this.#elapsedMs() - this.#queuedMs;
  }

  /** The head of the response has arrived. */
  responded(status: number, protocolVersion: "1.1" | "2" | undefined): void {
    this.#status = status;
    this.#protocolVersion = protocolVersion;
    this.#firstByteMs = this.#elapsedMs();
  }

  /**
   * The response counts for breaker and replica. Its head decides, so that a long stream does not delay them, or its first content if that
   * is limited in time.
   */
  count(): void {
    if (this.#counted || this.#status === undefined) return;
    const now = performance.now();
    if (this.#planned.target.failureStatuses.has(this.#status)) this.#countFailure("failed", now);
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

  /** The response is not passed on. */
  outcomeOfRefusal(): AttemptOutcome {
    const outcome = this.outcomeOfStatus();
    return outcome === "success" ? "server_error" : outcome;
  }

  ended(outcome: AttemptOutcome, failure?: Failure): void {
    const kind = this.#counted ? undefined : failureKind(outcome, failure);
    if (kind !== undefined) this.#countFailure(kind, performance.now());
    else if (outcome !== "cancelled") this.count();
    if (!downstreamAttempted.hasSubscribers) return;
    const { target, replica, attempt, startedAt } = this.#planned;
    downstreamAttempted.publish({
      req: this.#req,
      target: target.name,
      origin: this.#entered ? replica.url : undefined,
      attempt,
      outcome,
      reason: failure === undefined ? undefined : reasonOf(failure),
      status: this.#status,
      protocolVersion: this.#protocolVersion,
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
    const phases = [`${metric("", this.#firstByteMs ?? 0)};desc="${this.#planned.target.name}"`, metric("-queue", this.#queuedMs)];
    if (this.#connectMs !== undefined) phases.push(metric("-connect", this.#connectMs));
    return phases.join(", ");
  }

  onBreakerChange(from: BreakerState, to: BreakerState): void {
    if (breakerChanged.hasSubscribers) breakerChanged.publish({ req: this.#req, target: this.#planned.target.name, from, to });
  }

  #countResponse(now: number): void {
    this.#counted = true;
    const { target, replica } = this.#planned;
    if (replica.ejection.responded(now)) this.#publishReplica("returned", undefined);
    target.breaker.responded(this, now);
  }

  /** At least one replica is never ejected. */
  #countFailure(kind: FailureKind, now: number): void {
    this.#counted = true;
    const { target, replica } = this.#planned;
    const mayEject = target.choices.some((other) => other !== replica && !other.ejection.isEjected);
    const ejectedMs = replica.ejection.failed(kind, () => this.source(), now, mayEject);
    if (ejectedMs !== undefined) this.#publishReplica("ejected", ejectedMs);
    if (!this.#othersMayWork()) target.breaker.failed(kind, this, now);
  }

  /** The breaker is for the whole target: it counts a failure only if every other replica has failed since the request began. */
  #othersMayWork(): boolean {
    const { target, replica, targetStartedAt } = this.#planned;
    return target.choices.some((other) => other !== replica && !other.ejection.hasFailedSince(targetStartedAt));
  }

  #publishReplica(to: "ejected" | "returned", ejectedMs: number | undefined): void {
    if (!replicaChanged.hasSubscribers) return;
    replicaChanged.publish({ req: this.#req, target: this.#planned.target.name, origin: this.#planned.replica.url, to, ejectedMs });
  }

  #elapsedMs(): number {
    return performance.now() - this.#planned.startedAt;
  }
}
