import { createCounter, createGauge, type Registry } from "@aivillage/metrics";
import type {
  BudgetChargesDropped,
  BudgetDecided,
  BudgetSettled,
  BudgetStoreAvailabilityChanged,
  BudgetWebhookEnded,
  DecidedBudget,
} from "@aivillage/token-budget";

/** The largest share of a period, of all callers of a budget, and the key of the caller. */
interface Share {
  readonly key: string;
  readonly resetsAt: Date;
  readonly ratio: number;
}

/** The metrics of budgets. The operator names budgets, so their labels are bounded; whose they are is in no label. */
export function budgetMetrics(registry: Registry) {
  const shares = new Map<string, Share>();
  const used = createGauge({
    name: "gateway_budget_used_ratio",
    help: "Largest share of a budget that one of its callers had spent at the last decisions, in the current period.",
    labelNames: ["budget"],
    aggregator: "max",
    registry,
    collect: () => {
      const now = Date.now();
      for (const [budget, { ratio, resetsAt }] of shares) used.set([budget], resetsAt.getTime() > now ? ratio : 0);
    },
  });
  const decisions = createCounter({
    name: "gateway_budget_decisions_total",
    help: "Decisions of a budget about a call.",
    labelNames: ["budget", "decision"],
    registry,
  });
  const ends = createCounter({
    name: "gateway_budget_calls_total",
    help: "Calls that were charged to budgets, by how they ended.",
    labelNames: ["end"],
    registry,
  });
  const storeUp = createGauge({
    name: "gateway_budget_store_up",
    help: "1 while the shared store of budgets responds, else 0; absent until it has failed once.",
    labelNames: ["store"],
    aggregator: "min",
    registry,
  });
  const dropped = createCounter({
    name: "gateway_budget_charges_dropped_total",
    help: "Calls that could not be charged after an outage.",
    labelNames: ["store"],
    registry,
  });

  const webhooks = createCounter({
    name: "gateway_budget_webhooks_total",
    help: "Messages about budgets to the webhook, by whether they were delivered in the end.",
    labelNames: ["outcome"],
    registry,
  });

  // From 0 on, so that the first failure is an increase.
  webhooks.inc(["failed"], 0);

  function noteShare({ budget, key, spent, limit, resetsAt }: DecidedBudget): void {
    // What is left of an earlier period. A later one that is known may be an error of the clock, so it does not win.
    if (resetsAt.getTime() <= Date.now()) return;
    const known = shares.get(budget);
    const ratio = limit === 0 ? 1 : spent / limit;
    const isSame = known?.resetsAt.getTime() === resetsAt.getTime();
    // The caller with the largest share has a smaller one after a grant, a reset, and a change of the limit.
    if (isSame && known.key !== key && known.ratio > ratio) return;
    shares.set(budget, { key, resetsAt, ratio });
  }

  return {
    changed: (budgets: readonly DecidedBudget[]): void => budgets.forEach(noteShare),
    budgetDecided: ({ allowed, budgets, violated }: BudgetDecided): void => {
      for (const standing of budgets) {
        noteShare(standing);
        if (allowed) decisions.inc([standing.budget, "admitted"]);
      }
      for (const budget of violated) decisions.inc([budget, "refused"]);
    },
    budgetSettled: ({ end }: BudgetSettled) => ends.inc([end]),
    storeAvailabilityChanged: ({ store, available }: BudgetStoreAvailabilityChanged) => {
      storeUp.set([store], available ? 1 : 0);
      dropped.inc([store], 0);
    },
    webhookEnded: ({ delivered }: BudgetWebhookEnded) => webhooks.inc([delivered ? "delivered" : "failed"]),
    chargesDropped: ({ store }: BudgetChargesDropped) => dropped.inc([store]),
  };
}
