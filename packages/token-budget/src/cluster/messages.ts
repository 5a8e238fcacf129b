import type { Account, AccountFilter, ChangedStanding, Charge, Hold, HoldResult, Standing } from "../store.ts";

/** Distinguishes the messages between workers and primary from others. */
export const messageType = "aivillage:token-budget";

/** What a worker asks of the primary. */
export type Call =
  | { readonly do: "hold"; readonly call: string; readonly holds: readonly Hold[]; readonly leaseMs: number }
  | { readonly do: "settle"; readonly call: string; readonly charges: readonly Charge[] }
  | { readonly do: "read"; readonly accounts: readonly Account[] }
  | { readonly do: "list"; readonly filter?: AccountFilter | undefined }
  | { readonly do: "grant"; readonly account: Account; readonly amount: number }
  | { readonly do: "reset"; readonly account: Account }
  | { readonly do: "probe" };

/** What the primary replies to a call. */
export interface Reply {
  readonly result?: HoldResult;
  readonly changed?: readonly ChangedStanding[];
  readonly standings?: readonly Standing[];
}
