/**
 * How many failures of a target, or of one of its replicas, are too many. Every failed connection counts: no client can cause one.
 * Timeouts, resets and `failureStatuses` count at most twice per client in a window.
 */
export interface FailureWindowOptions {
  /** How long a request counts, in milliseconds. Default 10,000. */
  windowMs?: number;
  /** Fewer requests than this in a window decide nothing. Default 10. */
  minRequests?: number;
  /** Timeouts, resets and `failureStatuses` count only when at least this many clients had one in the window. Default 5. */
  minClients?: number;
  /** Failed requests as a share of all, above 0 up to 1. Default 0.5. */
  share?: number;
}

/** Options of the circuit breaker of each target. It opens when there are too many failures in `failureWindow`. */
export interface BreakerOptions {
  /** How long it stays open before a few requests may try the target, in milliseconds. Default 1,000. */
  openMs?: number;
  /** Maximum time that it stays open, in milliseconds. The time doubles while the target stays unreachable. Default 4,000. */
  maxOpenMs?: number;
}

/** When a replica is ejected because its requests fail. The last replica in use is never ejected. */
export interface EjectionOptions {
  /** Failed connections in a row that eject it. Other failures eject it when there are too many in `failureWindow`. Default 3. */
  connectFailures?: number;
  /** How long the first ejection lasts, in milliseconds. Each further failure doubles the time. Default 1,000. */
  baseMs?: number;
  /** Maximum duration of an ejection, in milliseconds. Default 4,000. */
  maxMs?: number;
}

/**
 * When a request is sent to the same target again. This happens only before anything was sent to the client, with a body that can be sent
 * again, and if nothing was sent to the target, the method is idempotent (RFC 9110, 9.2.2) or listed in `methods`, or the client sent an
 * `Idempotency-Key`.
 */
export interface RetryOptions {
  /** Attempts at one target, including the first. A failed connection that leads to another replica does not count. Default 2. */
  attempts?: number;
  /** Maximum wait before the first retry, in milliseconds. It doubles for each further one; the actual wait is random below it. Default 50. */
  baseDelayMs?: number;
  /** Maximum wait before any retry, in milliseconds. A response whose `Retry-After` asks for more is not retried. Default 2,000. */
  maxDelayMs?: number;
  /** Statuses from 500 to 599, or 429, that are retried. Default 502, 503 and 504. */
  retryOn?: readonly number[];
  /**
   * Further methods that may be sent twice, such as `POST` to a service that only computes a response. Default: none but the idempotent
   * ones.
   */
  methods?: readonly string[];
  /** Tries the same target again before the next one, which costs the wait. Default false. */
  beforeFallback?: boolean;
  /** Retries as a share of the requests to a target, from 0 to 1. 10 more are free, and at most 100 can occur at once. Default 0.2. */
  budget?: number;
}
