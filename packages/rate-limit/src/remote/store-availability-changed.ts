import { event } from "@aivillage/middleware";

/** What a store does while the place of its counts is away. */
export type OutagePolicy = "open" | "closed" | "local";

/** The place where a store keeps its counts went away or came back. */
export interface StoreAvailabilityChanged {
  store: "redis" | "cluster";
  available: boolean;
  /** What is done meanwhile. */
  outage: OutagePolicy;
  /** Why it counts as away, in words for operators; none when it came back. */
  reason: string | undefined;
}

export const storeAvailabilityChanged = event<StoreAvailabilityChanged>("aivillage:rate-limit:store-availability-changed");
