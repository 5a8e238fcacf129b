import { formatNumber, markdownTable } from "../report/table.ts";
import { oursName } from "./contestants.ts";
import type { Cost } from "./cost.ts";
import type { Violations } from "./violations.ts";

/** What ours must keep; each says what was found. */
export interface Budget {
  readonly name: string;
  readonly kept: boolean;
}

/** How much of the cost of ours, with three policies and five headers, a peer takes for one limit, at least. */
const leastRatios: Readonly<Record<string, number>> = { "draft-7": 0.8, "draft-8": 1.3 };

export function judgeRateLimits(violations: Readonly<Record<string, Violations>>, costs: readonly Cost[], ours: string): Budget[] {
  const own = violations[ours];
  const exact = own !== undefined && own.mostInWindow <= own.limit && own.runsAbove === 0;
  return [
    { name: "no trailing window of ours holds more than the limit", kept: exact },
    { name: "ours refuses no steady client", kept: own?.steadyRefused === 0 },
    ...Object.entries(leastRatios).map(([headers, least]) => ({
      name: `express-rate-limit with one limit and ${headers} headers costs at least ${least} of ours with three policies`,
      kept: costs.some(({ name, ratio }) => name.endsWith(headers) && ratio.median >= least),
    })),
  ];
}

export function reportRateLimits(
  violations: Readonly<Record<string, Violations>>,
  costs: readonly Cost[],
  budgets: readonly Budget[],
): string {
  const counts = Object.entries(violations).map(([name, { limit, mostInWindow, runsAbove, runs, steadyRefused, steadyClients }]) => [
    name,
    `${mostInWindow} of ${limit}`,
    `${runsAbove} of ${runs}`,
    `${steadyRefused} of ${steadyClients}`,
  ]);
  const prices = costs.map(({ name, us, ratio }) => [
    name,
    formatNumber(us.median),
    name === oursName ? "1" : `${formatNumber(ratio.median)} (${formatNumber(ratio.min)} to ${formatNumber(ratio.max)})`,
  ]);
  return [
    "## Accepted in any trailing window, bursts around the edges of windows\n",
    markdownTable(["limiter", "most accepted", "runs above the limit", "steady clients refused"], counts),
    "## Cost of a decision, headers included\n",
    markdownTable(["limiter", "CPU us", "times ours (range)"], prices),
    ...budgets.map(({ name, kept }) => `${kept ? "kept  " : "missed"} ${name}`),
    "",
  ].join("\n");
}
