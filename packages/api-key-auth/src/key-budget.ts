/** How much of a budget a key may use, in place of the limit that others have. */
export interface KeyBudget {
  /** 1 to 64 letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  /** The most in a period, from 0 on, in the unit of the budget. */
  readonly limit: number;
}

export const budgetsExpected = "a list of budgets such as { name: daily, limit: 200000 }, each name once";

const mostBudgets = 100;

export function isListOfBudgets(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostBudgets || !value.every(isBudget)) return false;
  return new Set(value.map(({ name }: KeyBudget) => name)).size === value.length;
}

function isBudget(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, limit, ...more } = value as Record<string, unknown>;
  const isName = typeof name === "string" && /^[\w.-]{1,64}$/.test(name);
  return isName && typeof limit === "number" && limit >= 0 && Number.isFinite(limit) && Object.keys(more).length === 0;
}
