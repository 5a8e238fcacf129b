import { type ActivityReport, processName } from "../activity/report.ts";
import { RollingGroup } from "../series/rolling-group.ts";
import type { Moment } from "../series/rolling.ts";
import { budgetRow, limitRow, modelRow, principalRow, queueRow, upstreamRow } from "../series/rows.ts";

/** Most keys of each kind over all processes. */
const maxKeys = 300;

/** What the packages have counted over the last 15 minutes, in all processes. */
export class ActivityWindows {
  readonly upstreams = new RollingGroup(upstreamRow.width, maxKeys);
  readonly limits = new RollingGroup(limitRow.width, maxKeys);
  readonly principals = new RollingGroup(principalRow.width, maxKeys);
  readonly queues = new RollingGroup(queueRow.width, maxKeys);
  readonly budgets = new RollingGroup(budgetRow.width, maxKeys);
  readonly models = new RollingGroup(modelRow.width, maxKeys);

  take(reports: readonly ActivityReport[], { slot }: Moment): void {
    const processes = new Set(reports.map(({ process }) => processName(process)));
    for (const kind of kinds) {
      const group = this[kind];
      group.advance(slot);
      for (const report of reports) group.take(processName(report.process), report[kind]);
      if (reports.length > 0) group.keep(processes);
    }
  }
}

const kinds = ["upstreams", "limits", "principals", "queues", "budgets", "models"] as const;
