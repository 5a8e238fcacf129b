import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

import type { Unit } from "./money/units.ts";

/** How a budget stands for the caller of a request. Money is in units of its currency, everything else is a count. */
export interface BudgetStanding {
  readonly budget: string;
  readonly unit: Unit;
  /** Grants of this period included. */
  readonly limit: number;
  /** What calls that have ended have used. */
  readonly spent: number;
  /** What running calls hold. */
  readonly held: number;
  /** What a further call may hold; at least 0. */
  readonly remaining: number;
  /** End of the period. */
  readonly resetsAt: Date;
}

/** How a budget stands that applied to a call. */
export interface DecidedBudget extends BudgetStanding {
  /** Whose it is, as the option `key` returned it; empty for a budget that all share. */
  readonly key: string;
}

/** A call was admitted or refused. */
export interface BudgetDecided {
  readonly req: IncomingMessage;
  readonly allowed: boolean;
  /** Every budget that applied, after the decision. */
  readonly budgets: readonly DecidedBudget[];
  /** Names of the budgets that left no room. */
  readonly violated: readonly string[];
}

/** A call ended and was charged, once for each that was admitted. */
export interface BudgetSettled {
  readonly req: IncomingMessage;
  /** What it was charged, by the names of budgets, in their units. */
  readonly charged: Readonly<Record<string, number>>;
  /** `ended` by itself, `cut` when a budget ended, or `finished` when it went on beyond its budget. */
  readonly end: "ended" | "cut" | "finished";
}

/**
 * What is spent of a budget has reached a share of its limit: once for each limit of a period. A grant raises the limit, and a share of that
 * is reached again. So it is after a reset.
 */
export interface BudgetThresholdReached {
  readonly budget: string;
  readonly unit: Unit;
  /** Whose budget it is, as the option `key` returned it. */
  readonly key: string;
  /** 80 or 100. */
  readonly percent: number;
  /** Grants of this period included. */
  readonly limit: number;
  readonly spent: number;
  readonly resetsAt: Date;
}

/** The server that keeps a store's budgets became unavailable or came back. */
export interface BudgetStoreAvailabilityChanged {
  readonly store: "redis" | "cluster";
  readonly available: boolean;
  /** Why it counts as unavailable, in words for operators; none when it came back. */
  readonly reason: string | undefined;
}

/** Charges that could not be delivered to a store were given up. */
export interface BudgetChargesDropped {
  readonly store: "redis" | "cluster";
  /** The call that was not charged, by its number in the store. */
  readonly call: string;
  /** Budgets, and what each should have been charged in integers. */
  readonly charges: readonly { readonly budget: string; readonly used: number }[];
}

/** The journal of a `MemoryStore` cannot be written. */
export interface BudgetJournalFailed {
  readonly path: string;
  readonly error: Error;
}

/** A message of `budgetWebhook()` was delivered, or given up. */
export interface BudgetWebhookEnded {
  /** The `webhook-id` of the message. */
  readonly id: string;
  readonly budget: string;
  readonly delivered: boolean;
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly error: Error | undefined;
}

/** Published when a call is admitted or refused. */
export const budgetDecided = event<BudgetDecided>("aivillage:token-budget:decided");

/** Published when a call is charged, once for each that was admitted. */
export const budgetSettled = event<BudgetSettled>("aivillage:token-budget:settled");

/** Published when 80 or 100 percent of a limit are spent. */
export const budgetThresholdReached = event<BudgetThresholdReached>("aivillage:token-budget:threshold-reached");

/** Published when the shared store of budgets becomes unavailable, and when it is back. */
export const budgetStoreAvailabilityChanged = event<BudgetStoreAvailabilityChanged>("aivillage:token-budget:store-availability-changed");

/** Published when a call could not be charged after an outage, because too many waited. */
export const budgetChargesDropped = event<BudgetChargesDropped>("aivillage:token-budget:charges-dropped");

/** Published when the journal of a store cannot be written. */
export const budgetJournalFailed = event<BudgetJournalFailed>("aivillage:token-budget:journal-failed");

/** Published when a message about a budget was delivered, or given up. */
export const budgetWebhookEnded = event<BudgetWebhookEnded>("aivillage:token-budget:webhook-ended");
