import type { IncomingMessage } from "node:http";

import { isRepeatable } from "../body/idempotent.ts";
import type { FallbackReason } from "../options/options.ts";
import type { Settings } from "../options/read-options.ts";
import { serviceUnavailable } from "../report/errors.ts";
import { chooseOrigin, hasUntried } from "../targets/choose-replica.ts";
import type { Origin } from "../targets/replica.ts";
import type { Route } from "../targets/target.ts";
import { type Failure, toProblem } from "./failure.ts";

/** What went wrong with a try, as far as it matters for the next one. */
export interface Setback {
  readonly reason: FallbackReason;
  /** Status of an answer that came. */
  readonly status?: number;
  /** What its `Retry-After` asked for. */
  readonly retryAfterMs?: number | undefined;
  /** A time was up. Such a try is not repeated: it has cost the client enough, and the target perhaps too. */
  readonly late?: boolean;
  /** The connection had been used before, and closed without a byte of an answer: the target had most likely given it up. */
  readonly stale?: boolean;
}

/** What one attempt is to try. */
export interface Try {
  readonly route: Route;
  readonly origin: Origin;
  /** 1 for the first one of a request. */
  readonly attempt: number;
  /** Monotonic, in milliseconds. */
  readonly startedAt: number;
  /** When the first try at this target began. */
  readonly targetStartedAt: number;
  /** The breaker has let this request pass at an earlier try, so a half-open one need not be asked again. */
  readonly isAdmitted: boolean;
}

/** Walks through the tries of one request: says where the next one goes, when, and what is left to answer when there is none. */
export class Plan {
  readonly #settings: Settings;
  readonly #routes: readonly Route[];
  readonly #req: IncomingMessage;
  readonly #repeatable: boolean;
  #index = 0;
  #tries = 0;
  #retries = 0;
  #tried: Origin[] = [];
  #targetStartedAt: number | undefined;
  #startedAt: number | undefined;
  #onlyAway = true;

  constructor(settings: Settings, routes: readonly Route[], req: IncomingMessage) {
    this.#settings = settings;
    this.#routes = routes;
    this.#req = req;
    this.#repeatable = isRepeatable(req);
    this.route.budget.deposit();
  }

  /** The target whose turn it is. */
  get route(): Route {
    const route = this.#routes[this.#index];
    if (route === undefined) throw new RangeError("there is no target left");
    return route;
  }

  /** How long it has been since the first try began, in milliseconds. */
  get elapsedMs(): number {
    return this.#startedAt === undefined ? 0 : performance.now() - this.#startedAt;
  }

  begin(): Try {
    const { route } = this;
    const startedAt = performance.now();
    this.#startedAt ??= startedAt;
    const isAdmitted = this.#targetStartedAt !== undefined;
    this.#targetStartedAt ??= startedAt;
    const origin = chooseOrigin(route, this.#req, this.#tried, startedAt);
    this.#tries += 1;
    this.#tried.push(origin);
    return { route, origin, attempt: this.#tries, startedAt, targetStartedAt: this.#targetStartedAt, isAdmitted };
  }

  /**
   * How many milliseconds to wait before the next try, or `undefined` when there is none. Whoever can answer at once comes
   * before a wait: another replica, the same one on a new connection, the next target, and only then the same target again.
   * Without a body that can be sent again nothing follows.
   */
  next(setback: Setback, bodyIsReplayable: boolean): number | undefined {
    this.#onlyAway &&= setback.reason === "connect_error" || setback.reason === "refused";
    if (!bodyIsReplayable) return undefined;
    return this.#otherReplica(setback) ?? this.#newConnection(setback) ?? this.#nextTarget(setback) ?? this.#sameTarget(setback);
  }

  /** With several targets and all of them away, the service as a whole is unavailable, not one of its parts. */
  lastWord(failure: Failure): Error {
    const { retryAfterMs } = this.#settings;
    if (this.#routes.length === 1 || !this.#onlyAway) return toProblem(failure, retryAfterMs);
    return serviceUnavailable("No target can be reached at the moment.", retryAfterMs, failure.cause);
  }

  /**
   * A connection that could not be made cost the target nothing, so that trying the others counts as no retry. Ejected replicas are
   * tried too, after those that are not: they may work again.
   */
  #otherReplica(setback: Setback): number | undefined {
    if (!hasUntried(this.route.origins, this.#tried)) return undefined;
    return setback.reason === "connect_error" || this.#takeRetry(setback) ? 0 : undefined;
  }

  #newConnection(setback: Setback): number | undefined {
    if (setback.stale !== true || !this.#takeRetry(setback)) return undefined;
    this.#tried.pop();
    return 0;
  }

  #nextTarget({ reason }: Setback): number | undefined {
    if (this.#index + 1 >= this.#routes.length || !this.#settings.fallbackOn.has(reason)) return undefined;
    this.#index += 1;
    this.#retries = 0;
    this.#tried = [];
    this.#targetStartedAt = undefined;
    this.route.budget.deposit();
    return 0;
  }

  #sameTarget(setback: Setback): number | undefined {
    const { baseDelayMs, maxDelayMs } = this.#settings.retries;
    const asked = setback.retryAfterMs ?? 0;
    // Who asks for a longer wait than that had better tell the client.
    if (asked > maxDelayMs || !this.#takeRetry(setback)) return undefined;
    this.#tried = [];
    const longest = Math.min(maxDelayMs, baseDelayMs * 2 ** (this.#retries - 1));
    return Math.max(asked, Math.random() * longest);
  }

  #takeRetry(setback: Setback): boolean {
    if (this.#retries + 1 >= this.#settings.retries.attempts || !this.#isRetryable(setback)) return false;
    if (!this.route.budget.withdraw()) return false;
    this.#retries += 1;
    return true;
  }

  /** Nothing was sent, or it may be sent twice. */
  #isRetryable({ reason, status, late }: Setback): boolean {
    if (late === true || reason === "timeout" || reason === "refused") return false;
    if (reason === "connect_error") return true;
    return this.#repeatable && (reason === "reset" || this.#settings.retries.retryOn.has(status ?? 0));
  }
}
