import type { IncomingMessage } from "node:http";

import { isIdempotent } from "../body/idempotent.ts";
import type { Settings } from "../options/read-options.ts";
import { serviceUnavailable } from "../report/errors.ts";
import { chooseReplica, hasUntried } from "../targets/choose-replica.ts";
import type { Replica } from "../targets/replica.ts";
import type { Target } from "../targets/target.ts";
import type { FailedAttempt } from "./failed-attempt.ts";
import { type Failure, toProblem } from "./failure.ts";

/** Where one attempt is sent. */
export interface PlannedAttempt {
  readonly target: Target;
  readonly replica: Replica;
  /** 1 for the first attempt of a request. */
  readonly attempt: number;
  /** Monotonic, in milliseconds. */
  readonly startedAt: number;
  /** When the first attempt at this target began. */
  readonly targetStartedAt: number;
  /** The breaker has admitted this request for an earlier attempt, so a half-open breaker need not be asked again. */
  readonly isAdmitted: boolean;
}

/** Decides where each attempt of one request is sent and when, and what the client gets if none is left. */
export class AttemptPlan {
  readonly #settings: Settings;
  readonly #targets: readonly Target[];
  readonly #req: IncomingMessage;
  readonly #isRepeatable: boolean;
  #index = 0;
  #attempts = 0;
  #retries = 0;
  #tried: Replica[] = [];
  #targetStartedAt: number | undefined;
  #startedAt: number | undefined;
  #allUnavailable = true;

  constructor(settings: Settings, targets: readonly Target[], req: IncomingMessage) {
    this.#settings = settings;
    this.#targets = targets;
    this.#req = req;
    this.#isRepeatable = isIdempotent(req) || settings.retries.methods.has(req.method ?? "");
    this.target.budget.deposit();
  }

  /** The current target. */
  get target(): Target {
    const target = this.#targets[this.#index];
    if (target === undefined) throw new RangeError("there is no target left");
    return target;
  }

  /** Time since the first attempt began, in milliseconds. */
  get elapsedMs(): number {
    return this.#startedAt === undefined ? 0 : performance.now() - this.#startedAt;
  }

  begin(): PlannedAttempt {
    const { target } = this;
    const startedAt = performance.now();
    this.#startedAt ??= startedAt;
    const isAdmitted = this.#targetStartedAt !== undefined;
    this.#targetStartedAt ??= startedAt;
    const replica = chooseReplica(target, this.#req, this.#tried, startedAt);
    this.#attempts += 1;
    this.#tried.push(replica);
    return { target, replica, attempt: this.#attempts, startedAt, targetStartedAt: this.#targetStartedAt, isAdmitted };
  }

  /**
   * How many milliseconds to wait before the next attempt, or `undefined` if there is none. Attempts that need no wait come first: another
   * replica, the same one on a new connection, the next target, and only then the same target again, unless `beforeFallback` exchanges the
   * last two. If the body cannot be sent again, there is no further attempt.
   */
  next(failed: FailedAttempt, bodyIsReplayable: boolean): number | undefined {
    this.#allUnavailable &&= failed.reason === "connect_error" || failed.reason === "refused";
    if (!bodyIsReplayable) return undefined;
    const atThisTarget = this.#otherReplica(failed) ?? this.#newConnection(failed);
    if (atThisTarget !== undefined) return atThisTarget;
    if (this.#settings.retries.beforeFallback) return this.#sameTarget(failed) ?? this.#nextTarget(failed);
    return this.#nextTarget(failed) ?? this.#sameTarget(failed);
  }

  /** The problem for the client. If there are several targets and all are down, the whole service is unavailable, not one part. */
  finalProblem(failure: Failure): Error {
    const { retryAfterMs } = this.#settings;
    if (this.#targets.length === 1 || !this.#allUnavailable) return toProblem(failure, retryAfterMs);
    return serviceUnavailable("No upstream service can be reached at the moment.", retryAfterMs, failure.cause);
  }

  /**
   * A failed connection cost the target nothing, so trying the other replicas does not count as a retry. Ejected replicas are tried too,
   * after the others: they may work again.
   */
  #otherReplica(failed: FailedAttempt): number | undefined {
    if (!hasUntried(this.target.choices, this.#tried)) return undefined;
    if (failed.reason === "connect_error") return 0;
    const mayMove = failed.declined === true || (failed.withoutContent === true && this.#isRepeatable);
    return this.#takeRetry(mayMove || this.#isRetryable(failed)) ? 0 : undefined;
  }

  #newConnection(failed: FailedAttempt): number | undefined {
    if (failed.stale !== true || !this.#takeRetry(this.#isRetryable(failed))) return undefined;
    this.#tried.pop();
    return 0;
  }

  #nextTarget({ reason, status = 500, declined }: FailedAttempt): number | undefined {
    const leadsOn = declined === true || (status >= 500 && this.#settings.fallbackOn.has(reason));
    if (this.#index + 1 >= this.#targets.length || !leadsOn) return undefined;
    this.#index += 1;
    this.#retries = 0;
    this.#tried = [];
    this.#targetStartedAt = undefined;
    this.target.budget.deposit();
    return 0;
  }

  #sameTarget(failed: FailedAttempt): number | undefined {
    const { baseDelayMs, maxDelayMs } = this.#settings.retries;
    const requestedMs = failed.retryAfterMs ?? 0;
    // A target that requests a longer wait gets no retry: its response says when the client may try again.
    if (requestedMs > maxDelayMs || !this.#takeRetry(this.#isRetryable(failed))) return undefined;
    this.#tried = [];
    const longestMs = Math.min(maxDelayMs, baseDelayMs * 2 ** (this.#retries - 1));
    return Math.max(requestedMs, Math.random() * longestMs);
  }

  #takeRetry(isAllowed: boolean): boolean {
    if (!isAllowed || this.#retries + 1 >= this.#settings.retries.attempts) return false;
    if (!this.target.budget.withdraw()) return false;
    this.#retries += 1;
    return true;
  }

  /** Nothing was sent, or it may be sent twice. */
  #isRetryable({ reason, status, late }: FailedAttempt): boolean {
    if (late === true || reason === "timeout" || reason === "refused") return false;
    if (reason === "connect_error") return true;
    return this.#isRepeatable && (reason === "reset" || this.#settings.retries.retryOn.has(status ?? 0));
  }
}
