import { event } from "@aivillage/middleware";

/** Whether the limits of a client are lowered. */
export type PenaltyState = "none" | "suspicious";

/** A client was penalised, or its penalty ended. */
export interface PenaltyChanged {
  /** Tells clients apart without saying who they are: the start of the SHA-256 digest of the key. `lift()` takes it. */
  client: string;
  from: PenaltyState;
  to: PenaltyState;
  /** `excess`, what was given to `penalize()`, `expired`, `lifted`, or `displaced` by the penalty of another client. */
  reason: string;
  /** How long the penalty lasts from now on, unless there is cause for more; 0 when it ended. */
  durationMs: number;
}

export const penaltyChanged = event<PenaltyChanged>("aivillage:rate-limit:penalty-changed");
