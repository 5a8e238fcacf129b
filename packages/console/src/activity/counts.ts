import { bucketOf } from "../series/buckets.ts";
import { count, type CounterTable, counterTable } from "../series/counter-table.ts";
import { budgetRow, limitRow, modelRow, outcomes, principalRow, queueRow, replicaMark, upstreamRow } from "../series/rows.ts";
import { channels } from "./channels.ts";
import type { OnEvent } from "./on-event.ts";
import type { RequestDescriber } from "./request-describer.ts";

/** Most keys of each kind: clients choose none of them, save the names of models. */
const maxKeys = 200;

/** Counters of what the packages report, by limit, upstream, and so on. */
export interface Counts {
  readonly upstreams: CounterTable;
  readonly limits: CounterTable;
  readonly principals: CounterTable;
  readonly queues: CounterTable;
  readonly budgets: CounterTable;
  readonly models: CounterTable;
}

const outcomeIndex = new Map<string, number>(outcomes.map((outcome, index) => [outcome, index]));

export function countEvents(on: OnEvent, describer: RequestDescriber): Counts {
  const counts: Counts = {
    upstreams: counterTable(upstreamRow.width, maxKeys),
    limits: counterTable(limitRow.width, maxKeys),
    principals: counterTable(principalRow.width, maxKeys),
    queues: counterTable(queueRow.width, maxKeys),
    budgets: counterTable(budgetRow.width, maxKeys),
    models: counterTable(modelRow.width, maxKeys),
  };

  on(channels.limitDecided, ({ req, policy, decision, penalised, dryRun }) => {
    const row = counts.limits.row(policy);
    const isRefused = decision === "refused";
    if (isRefused && dryRun) count(row, limitRow.wouldRefuse);
    else count(row, isRefused ? limitRow.refused : limitRow.allowed);
    if (penalised) count(row, limitRow.penalised);
    const principal = describer.principal(req);
    if (principal === undefined) return;
    count(counts.principals.row(principal), isRefused && !dryRun ? principalRow.refused : principalRow.allowed);
  });

  on(channels.attempted, ({ target, origin, outcome, firstByteMs }) => {
    const row = counts.upstreams.row(origin === undefined ? target : `${target}${replicaMark}${origin}`);
    count(row, outcomeIndex.get(outcome) ?? 0);
    if (firstByteMs !== undefined) count(row, upstreamRow.firstByte + bucketOf(firstByteMs));
  });

  on(channels.admitted, ({ limits, waitedMs }) => {
    for (const limit of limits) {
      const row = counts.queues.row(limit);
      count(row, queueRow.admitted);
      count(row, queueRow.waits + bucketOf(waitedMs));
    }
  });
  on(channels.admissionRefused, ({ limit }) => count(counts.queues.row(limit), queueRow.refused));

  on(channels.budgetDecided, ({ allowed, budgets, violated }) => {
    if (allowed) for (const { budget } of budgets) count(counts.budgets.row(budget), budgetRow.admitted);
    for (const budget of violated) count(counts.budgets.row(budget), budgetRow.refused);
  });

  on(channels.callEnded, ({ req, call, usage, outcome, status }) => {
    // Clients choose the names of models: one has a row after a service has taken a call to it.
    const row = counts.models.row(status < 400 ? (call.model ?? "none") : "_OTHER");
    count(row, modelRow.calls);
    if (outcome === "failed") count(row, modelRow.failed);
    count(row, modelRow.input, usage.input);
    count(row, modelRow.output, usage.output);
    if (usage.firstTokenMs !== undefined) count(row, modelRow.firstToken + bucketOf(usage.firstTokenMs));
    const principal = describer.principal(req);
    if (principal !== undefined) count(counts.principals.row(principal), principalRow.tokens, usage.input + usage.output);
  });

  return counts;
}
