import type { PenaltyRecord, PenaltySnapshot } from "../penalty-records.ts";
import type { Charge, Decision } from "../store.ts";

/** Distinguishes the messages between workers and primary from others. */
export const messageType = "aivillage:rate-limit";

/** What a worker asks of the primary. */
export type Call =
  | { readonly do: "decide"; readonly charges: readonly Charge[] }
  | { readonly do: "refund"; readonly charges: readonly Charge[]; readonly atMs: number }
  | { readonly do: "reset"; readonly policy: string; readonly key: string }
  | { readonly do: "read penalties"; readonly known: string }
  | { readonly do: "write penalty"; readonly record: PenaltyRecord }
  | { readonly do: "remove penalty"; readonly key: string }
  | { readonly do: "probe" };

/** What the primary replies to a call. */
export interface Reply {
  readonly decision?: Decision | undefined;
  readonly penalties?: PenaltySnapshot | undefined;
}
