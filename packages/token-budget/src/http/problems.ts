import { HttpProblem } from "@aivillage/middleware";

import type { BudgetStanding } from "../events.ts";

const longestRetryS = 60;

/** SDKs of providers read only the member `error`, so it repeats the reason and a stable code. */
function errorMember(message: string, type: string, code: string): { readonly error: object } {
  return { error: { message, type, code, param: null } };
}

/** A budget that left no room for a call. */
export interface Violation {
  readonly standing: BudgetStanding;
  /** What the call would have held, in the unit of the budget. */
  readonly amount: number;
}

/** The response to a call for which budgets have no room. */
export function quotaExceeded(violations: readonly Violation[], leaseMs: number): HttpProblem {
  const isHeld = violations.every(({ standing: { spent, limit }, amount }) => spent + amount <= limit);
  const last = violations.map(({ standing }) => standing.resetsAt.getTime()).reduce((most, each) => Math.max(most, each), 0);
  const resetsAt = new Date(last).toISOString();
  const detail = quotaDetail(violations, resetsAt, isHeld);
  return new HttpProblem({
    status: 429,
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    title: "Quota exceeded",
    detail,
    headers: isHeld ? { "Retry-After": String(Math.ceil(leaseMs / 1_000)) } : afterReset(last),
    extensions: {
      "violated-policies": violations.map(({ standing: { budget } }) => budget),
      resets_at: resetsAt,
      ...errorMember(detail, "insufficient_quota", "insufficient_quota"),
    },
  });
}

/** SDKs sleep through any `Retry-After`, so a long wait has none and asks them not to try again. */
function afterReset(resetMs: number): Record<string, string> {
  const seconds = Math.max(1, Math.ceil((resetMs - Date.now()) / 1_000));
  return seconds > longestRetryS ? { "x-should-retry": "false" } : { "Retry-After": String(seconds), "x-should-retry": "false" };
}

function quotaDetail(violations: readonly Violation[], resetsAt: string, isHeld: boolean): string {
  const [{ standing: { budget = "", unit = "", limit = 0, spent = 0, held = 0 } = {}, amount = 0 } = {}] =
    violations as Partial<Violation>[];
  const uses = `of the ${limit} ${unit} of the budget "${budget}" ${spent} are spent and ${held} held`;
  if (amount > limit) return `The call may use ${amount} ${unit}, more than the whole budget "${budget}" of ${limit}. Ask for less output.`;
  if (isHeld)
    return `The call may use ${amount} ${unit}, and ${uses} by running calls. Try again when they have ended, or ask for less output.`;
  return `The call may use ${amount} ${unit}, and ${uses}. The budget resets at ${resetsAt}; a smaller call may still fit.`;
}

export function modelNotPriced(): HttpProblem {
  const detail = "The requested model has no price, so a budget cannot count it. Choose another model.";
  return new HttpProblem({
    status: 403,
    type: "model-not-priced",
    title: "Model not priced",
    detail,
    extensions: errorMember(detail, "invalid_request_error", "model-not-priced"),
  });
}

export function budgetUnavailable(cause: unknown): HttpProblem {
  const detail = "The budget of the call cannot be checked at the moment. Try again in 1 s.";
  return new HttpProblem({
    status: 503,
    type: "budget-unavailable",
    title: "Budget unavailable",
    detail,
    headers: { "Retry-After": "1" },
    extensions: errorMember(detail, "server_error", "budget-unavailable"),
    cause,
  });
}
