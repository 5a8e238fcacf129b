import { serviceUnavailable } from "./errors.ts";
import { type Failure, toProblem } from "./failure.ts";
import type { FallbackReason } from "./options.ts";
import type { Settings } from "./read-options.ts";
import type { Route } from "./route.ts";

/** Walks through the targets of one request: says which is tried, whether another try is allowed, and what is left to answer. */
export class FallbackPlan {
  readonly #settings: Settings;
  readonly #routes: readonly Route[];
  #index = 0;
  #tries = 0;
  #triesOnRoute = 0;
  #onlyAway = true;

  constructor(settings: Settings, routes: readonly Route[]) {
    this.#settings = settings;
    this.#routes = routes;
  }

  /** Number of tries begun. */
  get tries(): number {
    return this.#tries;
  }

  /** The target whose turn it is. */
  get route(): Route {
    const route = this.#routes[this.#index];
    if (route === undefined) throw new RangeError("there is no target left");
    return route;
  }

  /** Begins a try and returns its target. */
  begin(): Route {
    this.#tries += 1;
    this.#triesOnRoute += 1;
    return this.route;
  }

  /**
   * Whether another try may follow this failure; if so, moves on to its target. A failed connection tries the replicas first.
   * Without a body that can be sent again nothing follows.
   */
  advance(reason: FallbackReason, bodyIsReplayable: boolean): boolean {
    this.#onlyAway &&= reason === "connect_error" || reason === "refused";
    if (!bodyIsReplayable) return false;
    if (reason === "connect_error" && this.#hasOtherOrigin()) return true;
    if (this.#index + 1 >= this.#routes.length || !this.#settings.fallbackOn.has(reason)) return false;
    this.#index += 1;
    this.#triesOnRoute = 0;
    return true;
  }

  /** With several targets and all of them away, the service as a whole is unavailable, not one of its parts. */
  lastWord(failure: Failure): Error {
    const { retryAfterMs } = this.#settings;
    if (this.#routes.length === 1 || !this.#onlyAway) return toProblem(failure, retryAfterMs);
    return serviceUnavailable("No target can be reached at the moment.", retryAfterMs, failure.cause);
  }

  #hasOtherOrigin(): boolean {
    const { origins } = this.route;
    const now = performance.now();
    return this.#triesOnRoute < origins.length && origins.some((origin) => !origin.isEjected(now));
  }
}
