import { event } from "@aivillage/middleware";

/** Entries of the shared store were none that these packages write; they were dropped, or cut to what is allowed. */
export interface StoreEntriesRepaired {
  store: "redis";
  kind: "counts" | "penalties";
  entries: number;
}

export const storeEntriesRepaired = event<StoreEntriesRepaired>("aivillage:rate-limit:store-entries-repaired");

export function noteRepaired(kind: StoreEntriesRepaired["kind"], entries: number): void {
  if (entries > 0 && storeEntriesRepaired.heard) storeEntriesRepaired.publish({ store: "redis", kind, entries });
}
