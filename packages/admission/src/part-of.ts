import type { Ask } from "./store.ts";

/** The same request when each of several processes has its part of the slots, at least one. */
export function partOf(ask: Ask, instances: number): Ask {
  return { ...ask, demands: ask.demands.map((demand) => ({ ...demand, max: Math.max(1, Math.floor(demand.max / instances)) })) };
}
