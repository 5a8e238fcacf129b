import { randomUUID } from "node:crypto";

import { type BudgetThresholdReached, budgetThresholdReached } from "../events.ts";
import { Deliveries } from "./deliveries.ts";
import { type BudgetWebhookOptions, readWebhookOptions } from "./webhook-options.ts";

/** Messages about budgets that go to a receiver. */
export interface BudgetWebhook {
  /** Messages that were not delivered yet. */
  readonly waiting: number;
  /** Takes no further thresholds, tries what waits once more, for three seconds at most, and gives up the rest. */
  close(): Promise<void>;
}

/**
 * Posts a message whenever 80 or 100 % of a budget are spent, signed as the Standard Webhooks specification says. It never delays a request.
 *
 * @throws OptionError for an unknown or bad option
 */
export function budgetWebhook(options: BudgetWebhookOptions): BudgetWebhook {
  const deliveries = new Deliveries(readWebhookOptions(options));
  const unsubscribe = budgetThresholdReached.subscribe((reached) => {
    deliveries.add({ id: `msg_${randomUUID()}`, budget: reached.budget, body: JSON.stringify(messageOf(reached)) });
  });
  return {
    get waiting() {
      return deliveries.size;
    },
    close: () => {
      unsubscribe();
      return deliveries.close();
    },
  };
}

function messageOf({ resetsAt, ...data }: BudgetThresholdReached): object {
  return {
    type: "budget.threshold_reached",
    timestamp: new Date().toISOString(),
    data: { ...data, resets_at: resetsAt.toISOString() },
  };
}
