/**
 * When the failures of a target, or of one of its replicas, are too many. A connection that fails counts as it is: no client can cause
 * that. Timeouts, resets and `failureStatuses` count at most twice per client in a window.
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

/** Options of the circuit breaker that every target has. It opens when the failures in `failureWindow` are too many. */
export interface BreakerOptions {
  /** How long it stays open before a few requests may try the target, in milliseconds. Default 1,000. */
  openMs?: number;
  /** Longest time that it stays open, in milliseconds: the time doubles while the target stays unreachable. Default 4,000. */
  maxOpenMs?: number;
}

/** When a replica is passed over because its requests fail; the last one that is left never is. */
export interface EjectionOptions {
  /** Failed connections in a row that eject it. Other failures do when those in `failureWindow` are too many. Default 3. */
  connectFailures?: number;
  /** How long it is passed over the first time, in milliseconds; twice as long after each further failure. Default 1,000. */
  baseMs?: number;
  /** Longest time that it is passed over, in milliseconds. Default 4,000. */
  maxMs?: number;
}

/**
 * When a request is sent to the same target again. Only before anything has gone to the client, with a body that can be sent again,
 * and when nothing was sent yet, the method is idempotent (RFC 9110, 9.2.2), or the client sent an `Idempotency-Key`.
 */
export interface RetryOptions {
  /** Attempts at one target, the first one included; connections that could not be made and went to another replica do not count. Default 2. */
  attempts?: number;
  /** Longest wait before the first retry, in milliseconds; doubled for each further one, and drawn at random below that. Default 50. */
  baseDelayMs?: number;
  /** Longest wait before any retry, in milliseconds. An answer whose `Retry-After` asks for more is not repeated. Default 2,000. */
  maxDelayMs?: number;
  /** Statuses from 500 to 599 that are repeated. Default 502, 503 and 504. */
  retryOn?: readonly number[];
  /** Retries as a share of the requests to a target, from 0 to 1; 10 more are free, 100 can come at once. Default 0.2. */
  budget?: number;
}
