import type { Registry } from "@aivillage/metrics";
import type { SubscribeOwn } from "@aivillage/middleware";
import {
  budgetChargesDropped,
  budgetDecided,
  budgetJournalFailed,
  budgetSettled,
  budgetStoreAvailabilityChanged,
  budgetThresholdReached,
  budgetWebhookEnded,
  type DecidedBudget,
} from "@aivillage/token-budget";

import type { GatewayLogger } from "../../dependencies.ts";
import { budgetLines } from "./budget-lines.ts";
import { budgetMetrics } from "./budget-metrics.ts";
import { noteBudget } from "./request-notes.ts";

/** What is observed of budgets. */
interface ObservedBudgets {
  /** Shows how budgets stand after an operator has changed them. */
  readonly changed: (budgets: readonly DecidedBudget[]) => void;
  readonly close: () => void;
}

/** Turns the events of budgets into metrics and log lines. */
export function observeBudgets(registry: Registry, logger: GatewayLogger, on: SubscribeOwn): ObservedBudgets {
  const metrics = budgetMetrics(registry);
  const lines = budgetLines(logger);
  const ends = [
    on(budgetDecided, noteBudget, metrics.budgetDecided),
    on(budgetSettled, metrics.budgetSettled),
    budgetThresholdReached.subscribe(lines.thresholdReached),
    budgetStoreAvailabilityChanged.subscribe(metrics.storeAvailabilityChanged),
    budgetStoreAvailabilityChanged.subscribe(lines.storeAvailabilityChanged),
    budgetChargesDropped.subscribe(metrics.chargesDropped),
    budgetChargesDropped.subscribe(lines.chargesDropped),
    budgetJournalFailed.subscribe(lines.journalFailed),
    budgetWebhookEnded.subscribe(metrics.webhookEnded),
    budgetWebhookEnded.subscribe(lines.webhookEnded),
  ];
  return {
    changed: metrics.changed,
    close: () => {
      for (const end of ends) end();
    },
  };
}
