import { HttpProblem, OptionError } from "@aivillage/middleware";
import type { AccountFilter, BudgetAccount, BudgetOperator, DecidedBudget } from "@aivillage/token-budget";

/** What the operator wants to change of the budgets of a key. */
export interface BudgetChange {
  readonly action: "grant" | "reset";
  /** As the list shows it. */
  readonly key: string;
  /** Default: the one that the key uses; all of them to reset. */
  readonly budget?: string;
  /** To grant, in the unit of the budget. */
  readonly amount?: number;
}

/** A budget of a key, as JSON shows it. */
export interface ShownBudget {
  readonly name: string;
  readonly key: string;
  readonly unit: string;
  readonly limit: number;
  readonly spent: number;
  readonly held: number;
  readonly remaining: number;
  readonly granted: number;
  readonly starts_at: string;
  readonly resets_at: string;
}

/** The budgets, or why there are none; what goes to another process is plain. */
export type BudgetReply =
  | { readonly budgets: readonly ShownBudget[] }
  | { readonly refused: { readonly status: number; readonly type: string; readonly detail: string } };

/** Lists the budgets that are in use. */
export function listBudgets(operator: BudgetOperator, filter: AccountFilter): Promise<BudgetReply> {
  return replyWith(() => operator.list(storedFilter(filter)));
}

/** Grants or resets. */
export function changeBudgets(operator: BudgetOperator, change: BudgetChange): Promise<BudgetReply> {
  return replyWith(async () => {
    const key = storedKey(change.key);
    const names = await budgetsOf(operator, key, change);
    const changed: BudgetAccount[] = [];
    for (const name of names) {
      changed.push(await (change.action === "reset" ? operator.reset(name, key) : operator.grant(name, key, change.amount ?? 0)));
    }
    return changed;
  });
}

/** A grant is of one budget: if the key uses several, it has to be named. */
async function budgetsOf(operator: BudgetOperator, key: string, { action, budget, key: shown }: BudgetChange): Promise<readonly string[]> {
  if (budget !== undefined) return [budget];
  const names = (await operator.list({ key })).map(({ budget: name }) => name);
  if (names.length === 0) {
    throw new HttpProblem({ status: 404, type: "not-found", detail: `${JSON.stringify(shown)} uses no budget now. Name the budget too.` });
  }
  if (action === "reset" || names.length === 1) return names;
  throw new HttpProblem({
    status: 422,
    type: "invalid-input",
    detail: `${JSON.stringify(shown)} uses ${names.join(", ")}. Name one of them.`,
  });
}

async function replyWith(make: () => Promise<readonly BudgetAccount[]>): Promise<BudgetReply> {
  try {
    return { budgets: (await make()).map(toShown) };
  } catch (error) {
    if (error instanceof OptionError) return { refused: { status: 422, type: "invalid-input", detail: detailOf(error) } };
    if (!(error instanceof HttpProblem)) throw error;
    const { status, type, detail } = error;
    return { refused: { status, type: type ?? "about:blank", detail: detail ?? "" } };
  }
}

function detailOf({ option, expected, got }: OptionError): string {
  return `\`${option}\` must be ${expected}, got ${got}.`;
}

const allCallers = "all";

/** A budget that all callers share has the empty key, which nobody can type. */
function storedKey(key: string): string {
  return key === allCallers ? "" : key;
}

function storedFilter({ key, ...filter }: AccountFilter): AccountFilter {
  return key === undefined ? filter : { ...filter, key: storedKey(key) };
}

function toShown({ budget, key, resetsAt, startsAt, ...amounts }: BudgetAccount): ShownBudget {
  const times = { starts_at: startsAt.toISOString(), resets_at: resetsAt.toISOString() };
  return { name: budget, key: key === "" ? allCallers : key, ...amounts, ...times };
}

/** Reads what another process has shown. */
export function fromShown({ name, key, unit, limit, spent, held, remaining, resets_at: resetsAt }: ShownBudget): DecidedBudget {
  return {
    budget: name,
    key: storedKey(key),
    unit,
    limit,
    spent,
    held,
    remaining,
    resetsAt: new Date(resetsAt),
  };
}
