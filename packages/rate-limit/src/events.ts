import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

/** A request was allowed or refused; the numbers are those of the most restrictive policy. */
export interface RateLimitDecided {
  req: IncomingMessage;
  /** Name of the policy. */
  policy: string;
  /** What the option `tier` returned. */
  tier: string | undefined;
  decision: "allowed" | "refused";
  limit: number;
  remaining: number;
  /** True when the limit was lowered because of a penalty. */
  penalised: boolean;
  /** True when a refusal was only noted and the request went on. */
  dryRun: boolean;
}

/** A request passed without being counted. */
export interface RateLimitSkipped {
  req: IncomingMessage;
  /** `allow` for a client on the list; what the option `skip` returned, or `skip` where that was `true`. */
  reason: string;
}

/** Whether the limits of a client are lowered. */
export type PenaltyState = "none" | "suspicious";

/** A client was penalised, or its penalty ended. */
export interface PenaltyChanged {
  /** The client: the key of the limit, or what the option `key` of the penalties returned. Often an address, so personal data. */
  key: string;
  /** Distinguishes clients without naming them: the start of the SHA-256 digest of the key. `clear()` takes it. */
  client: string;
  from: PenaltyState;
  to: PenaltyState;
  /** `excess`, what was given to `penalize()`, `expired`, `cleared`, or `displaced` by the penalty of another client. */
  reason: string;
  /** How long the penalty lasts from now on, unless there is cause for more; 0 when it ended. */
  durationMs: number;
}

/** What a store does while the server that keeps its counts is unavailable. */
export type OutagePolicy = "open" | "closed" | "local";

/** The server that keeps a store's counts became unavailable or came back. */
export interface StoreAvailabilityChanged {
  store: "redis" | "cluster";
  available: boolean;
  /** What is done meanwhile. */
  outage: OutagePolicy;
  /** Why it counts as unavailable, in words for operators; none when it came back. */
  reason: string | undefined;
}

/** The shared store held entries that these packages do not write; they were dropped, or cut to what is allowed. */
export interface StoreEntriesRepaired {
  store: "redis";
  kind: "counts" | "penalties";
  entries: number;
}

/** Published after each decision. */
export const rateLimitDecided = event<RateLimitDecided>("aivillage:rate-limit:decided");

/** Published when a request passes uncounted. */
export const rateLimitSkipped = event<RateLimitSkipped>("aivillage:rate-limit:skipped");

/** Published when a client is penalised, and when its penalty ends. */
export const penaltyChanged = event<PenaltyChanged>("aivillage:rate-limit:penalty-changed");

/** Published when shared counts become unreachable, and when they can be reached again. */
export const storeAvailabilityChanged = event<StoreAvailabilityChanged>("aivillage:rate-limit:store-availability-changed");

/** Published when a shared store has dropped or cut entries that are not valid. */
export const storeEntriesRepaired = event<StoreEntriesRepaired>("aivillage:rate-limit:store-entries-repaired");
