import { throttleByKind } from "@aivillage/access-log";
import type {
  BudgetChargesDropped,
  BudgetJournalFailed,
  BudgetStoreAvailabilityChanged,
  BudgetThresholdReached,
  BudgetWebhookEnded,
} from "@aivillage/token-budget";

import type { GatewayLogger } from "../../dependencies.ts";

/** The log lines of budgets. Of a caller they hold the id of its key, the subject of its token, or its address. */
export function budgetLines(logger: GatewayLogger) {
  return {
    thresholdReached: ({ budget, key, percent, unit, limit, spent, resetsAt }: BudgetThresholdReached) =>
      logger.warn({ budget, of: key === "" ? "all" : key, percent, unit, limit, spent, resets_at: resetsAt }, "budget threshold reached"),
    storeAvailabilityChanged: ({ store, available, reason }: BudgetStoreAvailabilityChanged) => {
      if (available) logger.info({ store }, "budget store is back");
      else logger.error({ store, reason }, "budget store is down");
    },
    chargesDropped: throttleByKind(
      ({ store }: BudgetChargesDropped) => store,
      ({ store }, calls) => logger.error({ store, calls }, "calls could not be charged to budgets"),
    ),
    webhookEnded: ({ id, budget, delivered, attempts, error }: BudgetWebhookEnded) => {
      if (delivered) logger.debug({ webhook_id: id, budget, attempts }, "budget webhook delivered");
      else logger.error({ webhook_id: id, budget, attempts, reason: error?.message }, "budget webhook failed");
    },
    journalFailed: throttleByKind(
      ({ path }: BudgetJournalFailed) => path,
      ({ path, error }, failures) => logger.error({ path, reason: error.message, failures }, "budget journal cannot be written"),
    ),
  };
}
