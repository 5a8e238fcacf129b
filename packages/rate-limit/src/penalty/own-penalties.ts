import type { Store } from "../store.ts";
import { Penalties } from "./penalties.ts";
import type { PenaltyOptions } from "./penalty-options.ts";

/** The penalties to use, if any, and what closes them if nobody else does. */
export function givenOrOwnPenalties(
  given: Penalties | PenaltyOptions | undefined,
  store: Store,
): { penalties: Penalties | undefined; close: () => void } {
  if (given === undefined || given instanceof Penalties) return { penalties: given, close: () => undefined };
  const penalties = new Penalties(store.penalties === undefined ? given : { store, ...given }, "penalty");
  return { penalties, close: () => penalties.close() };
}
