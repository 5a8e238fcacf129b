import type { IncomingMessage, ServerResponse } from "node:http";

import { requestValue } from "@aivillage/middleware";

import type { Applied } from "../applied.ts";
import { budgetDecided, type BudgetStanding } from "../events.ts";
import { fromInteger } from "../money/units.ts";
import { publishThresholds, toBudgetStanding } from "../standing.ts";
import type { Hold, HoldResult } from "../store.ts";
import { writeHeaders } from "./headers.ts";
import type { Violation } from "./problems.ts";

const standings = requestValue<readonly BudgetStanding[]>("@aivillage/token-budget.standings");

/** How the budgets of this request stood when its call was admitted or refused; `undefined` if none applied. */
export function getTokenBudgets(req: IncomingMessage): readonly BudgetStanding[] | undefined {
  return standings.get(req);
}

/** What was asked for a call, and what was decided. The lists have one entry for each budget, in the same order. */
export interface Decision {
  readonly applied: readonly Applied[];
  readonly holds: readonly Hold[];
  readonly result: HoldResult;
}

/** Notes a decision on request and response, publishes it, and returns the budgets that left no room. */
export function noteDecision(req: IncomingMessage, res: ServerResponse, decision: Decision, sendsHeaders: boolean): readonly Violation[] {
  const { applied, result } = decision;
  const shown = applied.flatMap((each, index) => {
    const standing = result.standings[index];
    return standing === undefined ? [] : [{ standing: toBudgetStanding(each.budget, each.limit, standing), span: each, changed: standing }];
  });
  const budgets = shown.map(({ standing }) => standing);
  const violations = result.allowed ? [] : violationsOf(decision, budgets);
  standings.set(req, budgets);
  if (sendsHeaders) writeHeaders(res, shown);
  if (budgetDecided.hasSubscribers) {
    const violated = violations.map(({ standing }) => standing.budget);
    const decided = shown.map(({ standing, changed: { key } }) => ({ ...standing, key }));
    budgetDecided.publish({ req, allowed: result.allowed, budgets: decided, violated });
  }
  for (const { span, changed } of shown) publishThresholds(span.budget, span.limit, changed);
  return violations;
}

function violationsOf({ applied, holds, result }: Decision, budgets: readonly BudgetStanding[]): Violation[] {
  return budgets.flatMap((standing, index) => {
    const [each, hold, changed] = [applied[index], holds[index], result.standings[index]];
    if (each === undefined || hold === undefined || changed === undefined) return [];
    const isViolated = changed.spent + changed.held + hold.amount > each.limit + changed.granted;
    return isViolated ? [{ standing, amount: fromInteger(each.budget.unit, hold.amount) }] : [];
  });
}
