import type { IncomingMessage } from "node:http";

import { getInput, sanitizeInput } from "@aivillage/input-sanitizer";
import { compose, defined, type Handler, HttpProblem } from "@aivillage/middleware";

import { noteSubject } from "./audit.ts";
import type { BudgetChange, BudgetReply, ShownBudget } from "./change-budgets.ts";
import { respondWith } from "./respond.ts";
import type { ServingFleet } from "./serving-process.ts";

const name = { type: "string", minLength: 1, maxLength: 64 };
const key = { type: "string", minLength: 1, maxLength: 512 };

const body = {
  type: "object",
  properties: { action: { enum: ["grant", "reset"] }, key, budget: name, amount: { type: "number" } },
  required: ["action", "key"],
  additionalProperties: false,
  if: { properties: { action: { const: "grant" } } },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
  then: { required: ["amount"] },
  else: { properties: { amount: false } },
};

/** The budgets that are in use; `?budget=` and `?key=` choose among them. */
export async function showBudgets(fleet: ServingFleet, { url = "" }: IncomingMessage): Promise<{ budgets: readonly ShownBudget[] }> {
  const { searchParams } = new URL(url, "http://localhost");
  const filter = defined({ budget: searchParams.get("budget") ?? undefined, key: searchParams.get("key") ?? undefined });
  return accepted(await fleet.one("budgets", filter));
}

/** Grants or resets in one process, for all: the store is the same. */
export function setBudgets(fleet: ServingFleet): Handler {
  const sanitize = sanitizeInput({ body, limits: { bodyBytes: 4_096 }, screening: false });
  return compose(
    sanitize,
    respondWith(async (req) => {
      const change = getInput<{ body: BudgetChange }>(req)?.body ?? { action: "reset", key: "" };
      noteSubject(req, { change: change.action, ...defined({ of: change.key, budget: change.budget, amount: change.amount }) });
      const changed = accepted(await fleet.one("changeBudgets", change));
      await fleet.all("budgetsChanged", changed.budgets);
      return changed;
    }),
  );
}

/** @throws HttpProblem with the reason of the process, or 503 if it did not reply: a change may be in force then */
function accepted(reply: BudgetReply | undefined): { budgets: readonly ShownBudget[] } {
  if (reply === undefined) {
    const detail = "No process has replied. A change may be in force all the same: look at the budgets before you repeat it.";
    throw new HttpProblem({ status: 503, type: "service-unavailable", detail });
  }
  if ("refused" in reply) throw new HttpProblem(reply.refused);
  return reply;
}
