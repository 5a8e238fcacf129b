import type { IncomingMessage } from "node:http";

import { isSyncFunction, option, optionError, readOptions, returns } from "@aivillage/middleware";

import { isCurrency, isUnit, mostUnits, perCurrencyUnit, type Unit } from "./money/units.ts";
import { packageName } from "./package-name.ts";
import type { OutagePolicy } from "./store.ts";
import { type Period, periods, type Span } from "./time/period.ts";

/** How much may be used of what, by whom, in which time. */
export interface Budget {
  /** Unique; 1 to 64 letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  /** `tokens` for input and output together, `input`, `output`, `calls`, or the currency of the prices, such as `EUR`. */
  readonly unit: Unit;
  /** The most that may be used in a period, from 0 on; in units of the currency for money. A function makes it depend on the caller. */
  readonly limit: number | ((req: IncomingMessage) => number);
  /** The limit of certain callers in place of `limit`, such as one that their key names; `undefined` for all others. Default: none. */
  readonly ownLimit?: (req: IncomingMessage) => number | undefined;
  /** A calendar period of `timeZone`, or spans of a fixed length. */
  readonly period: Period;
  /** An IANA name, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone?: string;
  /**
   * Whose budget it is: an id that authentication has verified, such as that of a principal or tenant. `undefined` means that the budget does
   * not apply. Default: all calls share one.
   */
  readonly key?: (req: IncomingMessage) => string | undefined;
  /** Whether the budget applies. Default: to every call. */
  readonly when?: (req: IncomingMessage) => boolean;
  /**
   * What is done while the store is unavailable: `closed` refuses calls with 503, `open` lets them pass and charges them later, `local` counts in
   * this process, within its share of the limit, and charges later. Default `closed`.
   */
  readonly outage?: OutagePolicy;
}

/** A budget after reading. Limits are integers. */
export interface ReadBudget {
  readonly name: string;
  readonly unit: Unit;
  readonly limitFor: (req: IncomingMessage) => number;
  /** The limit of everybody; `undefined` if it depends on the caller. */
  readonly fixedLimit: number | undefined;
  readonly spanAt: (instantMs: number) => Span;
  readonly keyFor: (req: IncomingMessage) => string | undefined;
  readonly outage: OutagePolicy;
}

const periodExpected = '"hour", "day", "month" or { ms } with an integer from 1000 to 31622400000';
const rules = {
  name: option.custom<string>(
    "1 to 64 letters, digits, `_`, `.` and `-`",
    "",
    (value) => typeof value === "string" && /^[\w.-]{1,64}$/.test(value),
  ),
  unit: option.custom<Unit>('"tokens", "input", "output", "calls" or a currency such as "EUR"', "", isUnit),
  limit: option.custom<Budget["limit"]>(
    "a number, at least 0, or a function that returns one",
    0,
    (value) => typeof value === "number" || isSyncFunction(value),
    returns.value,
  ),
  ownLimit: option.function<(req: IncomingMessage) => number | undefined>(undefined),
  period: option.custom<Period>(periodExpected, "day", isPeriod),
  timeZone: option.string("UTC"),
  key: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
  when: option.function<(req: IncomingMessage) => boolean>(undefined, returns.boolean),
  outage: option.oneOf(["closed", "open", "local"], "closed"),
};

/**
 * Checks budgets.
 *
 * @param currency of the prices, if there are any
 * @throws OptionError
 */
export function readBudgets(given: readonly Budget[], currency: string | undefined): readonly ReadBudget[] {
  if (!Array.isArray(given) || given.length === 0) throw optionError(packageName, "budgets", "a list of at least one budget", given);
  const budgets = given.map((each: Budget, index) => readBudget(each, `budgets[${index}]`, currency));
  const names = budgets.map(({ name }) => name);
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (repeated !== -1) throw optionError(packageName, `budgets[${repeated}].name`, "a name that no other budget has", names[repeated]);
  return budgets;
}

function readBudget(given: Budget, path: string, currency: string | undefined): ReadBudget {
  for (const name of ["name", "unit", "limit", "period"] as const) {
    if (given?.[name] === undefined) throw optionError(packageName, `${path}.${name}`, rules[name].expected, undefined);
  }
  const { limit, ownLimit, key, when, period, timeZone, ...budget } = readOptions<Budget, typeof rules>(packageName, given, rules, path);
  if (isCurrency(budget.unit) && budget.unit !== currency) {
    throw optionError(
      packageName,
      `${path}.unit`,
      `the currency of \`prices\`${currency === undefined ? "" : `, "${currency}"`}`,
      budget.unit,
    );
  }
  const checked = (value: unknown): number => integerLimit(budget.unit, value, `${path}.limit`);
  const fixed = typeof limit === "number" ? checked(limit) : undefined;
  return {
    ...budget,
    fixedLimit: fixed,
    limitFor: (req) => {
      const own = ownLimit?.(req);
      if (own !== undefined) return checked(own);
      return typeof limit === "number" ? (fixed ?? 0) : checked(limit(req));
    },
    spanAt: periodsOf(period, timeZone, path),
    keyFor: (req) => (when?.(req) === false ? undefined : key === undefined ? "" : key(req)),
  };
}

function periodsOf(period: Period, timeZone: string, path: string): ReadBudget["spanAt"] {
  try {
    return periods(period, timeZone);
  } catch {
    throw optionError(packageName, `${path}.timeZone`, "a time zone, such as Europe/Berlin", timeZone);
  }
}

function integerLimit(unit: Unit, value: unknown, path: string): number {
  const scale = isCurrency(unit) ? perCurrencyUnit : 1;
  const limit = typeof value === "number" ? value * scale : Number.NaN;
  const isWhole = scale > 1 || Number.isInteger(limit);
  if (limit >= 0 && limit <= mostUnits && isWhole) return Math.round(limit);
  throw optionError(packageName, path, `${scale > 1 ? "a number" : "an integer"} from 0 to ${mostUnits / scale}`, value);
}

function isPeriod(value: unknown): boolean {
  if (value === "hour" || value === "day" || value === "month") return true;
  const { ms } = (value ?? {}) as { ms?: unknown };
  return Number.isInteger(ms) && Number(ms) >= 1_000 && Number(ms) <= 31_622_400_000;
}
