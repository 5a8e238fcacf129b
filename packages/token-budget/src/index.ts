export type { Budget } from "./budget.ts";
export { type CallCost, callCosts } from "./call-costs.ts";
export { type AttachedBudgets, ClusterStore } from "./cluster/cluster-store.ts";
export type { BudgetedCall, BudgetedUsage } from "./call.ts";
export {
  type BudgetChargesDropped,
  budgetChargesDropped,
  type BudgetDecided,
  budgetDecided,
  type BudgetJournalFailed,
  budgetJournalFailed,
  type BudgetSettled,
  budgetSettled,
  type BudgetStanding,
  type BudgetStoreAvailabilityChanged,
  budgetStoreAvailabilityChanged,
  type BudgetThresholdReached,
  budgetThresholdReached,
  type BudgetWebhookEnded,
  budgetWebhookEnded,
  type DecidedBudget,
} from "./events.ts";
export { getTokenBudgets } from "./http/decision.ts";
export { MemoryStore, type MemoryStoreOptions } from "./memory/memory-store.ts";
export type { ModelPrice, Prices } from "./money/prices.ts";
export { fromInteger, toInteger, type Unit } from "./money/units.ts";
export type { BudgetAccount, BudgetOperator } from "./operator.ts";
export type { StreamError, TokenBudgetOptions, UnknownMaxOptions } from "./options.ts";
export { type RedisClient, RedisStore, type RedisStoreOptions } from "./redis/redis-store.ts";
export type { RemoteStoreOptions } from "./remote/remote-options.ts";
export type { Account, AccountFilter, BudgetStore, ChangedStanding, Charge, Hold, HoldResult, OutagePolicy, Standing } from "./store.ts";
export type { Period } from "./time/period.ts";
export { tokenBudget, type TokenBudgetHandler } from "./token-budget.ts";
export { type BudgetWebhook, budgetWebhook } from "./webhook/budget-webhook.ts";
export type { BudgetWebhookOptions } from "./webhook/webhook-options.ts";
