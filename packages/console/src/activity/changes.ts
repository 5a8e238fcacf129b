import type { Event } from "@aivillage/middleware";

import { channels } from "./channels.ts";
import { EntryRing } from "./entry-ring.ts";
import type { OnEvent } from "./on-event.ts";
import type { Change } from "./report.ts";
import { cut } from "./request-describer.ts";

/** The last changes that are kept. */
const changeCount = 100;

/** Subscribes an event that no request causes. */
export type OnAny = <T>(source: Event<T>, listener: (message: T) => void) => void;

/** Keeps what has changed about the app itself: breakers, replicas, health, stores, budgets. */
export function keepChanges(on: OnEvent, onAny: OnAny): EntryRing<Change> {
  const ring = new EntryRing<Change>(changeCount);
  const note = (kind: Change["kind"], mood: Change["mood"], text: string): void => {
    ring.add({ kind, mood, text: cut(text), at: Date.now() });
  };
  const storeChanged = (what: string) => (store: { readonly available: boolean; readonly reason: string | undefined }) => {
    const { available, reason } = store;
    note("store", available ? "good" : "bad", available ? `${what} is back` : `${what} is down: ${reason ?? "no reason"}`);
  };

  on(channels.breakerChanged, ({ target, from, to }) => {
    note("upstream", to === "open" ? "bad" : to === "closed" ? "good" : "neutral", `breaker of ${target}: ${from} → ${to}`);
  });
  on(channels.replicaChanged, ({ target, origin, to }) => {
    note(
      "upstream",
      to === "ejected" ? "bad" : "good",
      `replica ${origin} of ${target} ${to === "ejected" ? "was ejected" : "has returned"}`,
    );
  });
  onAny(channels.serviceChanged, ({ service, to, error }) => {
    const isWell = to === "healthy";
    note("upstream", isWell ? "good" : "bad", `${service} is ${to}${error === undefined ? "" : `: ${error}`}`);
  });
  onAny(channels.budgetThreshold, ({ budget, percent }) => {
    note("budget", percent >= 100 ? "bad" : "neutral", `budget ${budget} has reached ${percent} % for a caller`);
  });
  onAny(channels.limitStoreChanged, storeChanged("store of rate limits"));
  onAny(channels.budgetStoreChanged, storeChanged("store of budgets"));
  return ring;
}
