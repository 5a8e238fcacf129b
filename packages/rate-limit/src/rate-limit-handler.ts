import type { IncomingMessage } from "node:http";

import type { Handler } from "@aivillage/middleware";

import type { Penalty } from "./penalty/penalty-box.ts";

/** The middleware, with what operators need. Without the option `penalty` nobody is ever penalised. */
export interface RateLimitHandler extends Handler {
  /**
   * Reports misbehaviour of a client, such as failed logins or blocked input; too much of it within `penalty.durationMs` is
   * penalised.
   *
   * @param who a request, or a key as `penalties()` shows it
   * @param weight how bad it was, an integer, at least 1; default 1
   * @param reason goes into `penaltyChanged`; default `reported`
   */
  penalize(who: IncomingMessage | string, weight?: number, reason?: string): void;
  /** Who is penalised now. */
  penalties(): Penalty[];
  /** Ends a penalty at once and forgets it; false when there is none. `client` is its key, or its name in `penaltyChanged`. */
  clear(client: string): boolean;
  /** Stops the timers of what the middleware made itself: its store and its penalties, not those that were given. */
  close(): void;
}
