import type { Account } from "./store.ts";

/** What has changed and must survive the process. Amounts are totals, so that a change may be applied twice. */
export type Change =
  | readonly [kind: "hold", account: Account, call: string, used: number]
  | readonly [kind: "end", account: Account, call: string, spent: number]
  | readonly [kind: "set", account: Account, spent: number, granted: number];
