import type { ActivityReport, BudgetView, PrincipalStanding } from "../activity/report.ts";
import { quantile } from "../series/buckets.ts";
import type { RollingGroup } from "../series/rolling-group.ts";
import type { Moment, Rolling } from "../series/rolling.ts";
import { budgetRow, limitRow, modelRow, principalRow, queueRow } from "../series/rows.ts";
import { perSecond, round } from "./traffic.ts";
import type { ActivityWindows } from "./windows.ts";

/** Most rows of a table, the busiest first. */
const shownRows = 50;

/** The tables of limits, principals, queues, budgets and models; `undefined`, which hides its panel, for one that has nothing to show. */
export function activityViews(windows: ActivityWindows, reports: readonly ActivityReport[], moment: Moment) {
  return {
    limits: table(windows.limits, limitRow.allowed, (policy, window) => ({
      policy,
      allowed: at(window, limitRow.allowed),
      refused: at(window, limitRow.refused),
      wouldRefuse: at(window, limitRow.wouldRefuse),
      penalised: at(window, limitRow.penalised),
      perSecond: perSecond(window.recent(limitRow.allowed, 3) + window.recent(limitRow.refused, 3), moment),
    })),
    principals: principals(windows, reports, moment),
    queues: queues(windows, reports),
    budgets: budgets(windows, reports),
    models: table(windows.models, modelRow.calls, (model, window) => ({
      model,
      calls: at(window, modelRow.calls),
      failed: at(window, modelRow.failed),
      input: at(window, modelRow.input),
      output: at(window, modelRow.output),
      firstToken50: share(0.5, window, modelRow.firstToken),
      firstToken95: share(0.95, window, modelRow.firstToken),
    })),
  };
}

function principals({ principals: group }: ActivityWindows, reports: readonly ActivityReport[], moment: Moment) {
  const newest = new Map<string, PrincipalStanding>();
  for (const [name, standing] of reports.flatMap((report) => report.principalStandings)) {
    const known = newest.get(name);
    if (known === undefined || standing.at > known.at) newest.set(name, standing);
  }
  return table(group, principalRow.allowed, (name, window) => {
    const { limit, remaining, policy } = newest.get(name) ?? {};
    return {
      name,
      requests: at(window, principalRow.allowed) + at(window, principalRow.refused),
      refused: at(window, principalRow.refused),
      tokens: at(window, principalRow.tokens),
      perSecond: perSecond(window.recent(principalRow.allowed, 3) + window.recent(principalRow.refused, 3), moment),
      limit,
      used: limit === undefined || remaining === undefined ? undefined : limit - remaining,
      policy,
    };
  });
}

function queues({ queues: group }: ActivityWindows, reports: readonly ActivityReport[]) {
  const windows = new Map(group.entries());
  const states = Map.groupBy(
    reports.flatMap(({ queueStates }) => queueStates ?? []),
    ({ limit }) => limit,
  );
  const inFlight = Map.groupBy(
    reports.flatMap((report) => report.inFlight),
    ([limit]) => limit,
  );
  const names = new Set([...states.keys(), ...windows.keys()]);
  if (names.size === 0) return undefined;
  return [...names].slice(0, shownRows).map((limit) => {
    const window = windows.get(limit);
    const known = states.get(limit);
    return {
      limit,
      inFlight: total(known?.map((state) => state.inFlight) ?? inFlight.get(limit)?.map(([, requests]) => requests)),
      waiting: known === undefined ? undefined : total(known.map(({ waiting }) => waiting)),
      size: known === undefined ? undefined : Math.max(...known.map(({ size = 0 }) => size)) || undefined,
      admitted: window === undefined ? 0 : at(window, queueRow.admitted),
      refused: window === undefined ? 0 : at(window, queueRow.refused),
      wait95: window === undefined ? null : share(0.95, window, queueRow.waits),
    };
  });
}

function budgets({ budgets: group }: ActivityWindows, reports: readonly ActivityReport[]) {
  const windows = new Map(group.entries());
  const furthest = new Map<string, BudgetView>();
  for (const standing of reports.flatMap((report) => report.budgetStandings)) {
    const known = furthest.get(standing.budget);
    if (known === undefined || standing.spent * known.limit > known.spent * standing.limit) furthest.set(standing.budget, standing);
  }
  if (furthest.size === 0) return undefined;
  return [...furthest.values()].slice(0, shownRows).map((standing) => {
    const window = windows.get(standing.budget);
    const count = (index: number): number => (window === undefined ? 0 : at(window, index));
    return Object.assign({}, standing, { admitted: count(budgetRow.admitted), refused: count(budgetRow.refused) });
  });
}

function table<T>(group: RollingGroup, sortIndex: number, view: (key: string, window: Rolling) => T): readonly T[] | undefined {
  const entries = group.entries();
  if (entries.length === 0) return undefined;
  entries.sort(([, one], [, other]) => at(other, sortIndex) - at(one, sortIndex));
  return entries.slice(0, shownRows).map(([key, window]) => view(key, window));
}

function at({ total: sums }: Rolling, index: number): number {
  return sums[index] ?? 0;
}

function share(part: number, window: Rolling, from: number): number | null {
  const value = quantile(part, window.total.subarray(from));
  return value === undefined ? null : round(value);
}

function total(numbers: readonly number[] = []): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
