import type { ServerResponse } from "node:http";

import { type Handler, passError } from "@aivillage/middleware";
import type { BudgetStanding } from "@aivillage/token-budget";

import type { BudgetsPart } from "../pipeline/budgets.ts";

/** `/v1/budget`: how the budgets of the caller stand now, those of all models and routes. */
export function ownBudget({ standing }: BudgetsPart): Handler {
  return function ownBudgetHandler(req, res, next) {
    standing(req)
      .then((standings) => send(res, standings))
      .catch((error: unknown) => passError(error, res, next));
  };
}

function send(res: ServerResponse, standings: readonly BudgetStanding[]): void {
  if (res.headersSent || res.destroyed) return;
  const budgets = standings.map(({ budget, resetsAt, ...amounts }) => ({ name: budget, ...amounts, resets_at: resetsAt.toISOString() }));
  const body = JSON.stringify({ budgets });
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(body));
  res.end(body);
}
