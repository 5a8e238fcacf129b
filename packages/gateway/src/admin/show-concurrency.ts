import type { SlotCount } from "../state/slots.ts";

/** How one limit of concurrency stands, over all processes. */
export interface ShownConcurrency {
  readonly limit: string;
  readonly in_progress: number;
  readonly waiting: number;
  /** `null` if that depends on the key. */
  readonly slots: number | null;
}

/** Joins what the processes know. They share the slots, so each knows how many there are; adaptive limits differ, and the highest is shown. */
export function showConcurrency(reports: readonly (readonly SlotCount[])[]): ShownConcurrency[] {
  const byLimit = Map.groupBy(reports.flat(), ({ limit }) => limit);
  return Array.from(byLimit, ([limit, counts]) => {
    const sizes = counts.flatMap(({ size }) => size ?? []);
    return {
      limit,
      in_progress: counts.reduce((sum, { inFlight }) => sum + inFlight, 0),
      waiting: counts.reduce((sum, { waiting }) => sum + waiting, 0),
      slots: sizes.length === 0 ? null : Math.max(...sizes),
    };
  });
}
