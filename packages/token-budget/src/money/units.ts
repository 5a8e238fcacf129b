/** What a budget counts: tokens, input or output tokens alone, calls, or money in a currency such as `EUR`. */
export type Unit = "tokens" | "input" | "output" | "calls" | (string & {});

/** Money is counted in integers of this part of its unit. */
export const perCurrencyUnit = 1_000_000_000;

/**
 * The largest limit and the largest amount of one call, in integers: 10^15 tokens, or 1,000,000 units of a currency. Totals stay below 2^53,
 * up to which numbers are exact here and in the scripts of Redis.
 */
export const mostUnits = 1_000_000_000_000_000;

export function isCurrency(unit: unknown): boolean {
  return typeof unit === "string" && /^[A-Z]{3}$/.test(unit);
}

export function isUnit(unit: unknown): boolean {
  return unit === "tokens" || unit === "input" || unit === "output" || unit === "calls" || isCurrency(unit);
}

/** An amount as it is counted. Money that does not come out even is rounded to the nearest 10^-9. */
export function toInteger(unit: Unit, amount: number): number {
  return isCurrency(unit) ? Math.round(amount * perCurrencyUnit) : amount;
}

/** An amount as people read it. */
export function fromInteger(unit: Unit, amount: number): number {
  return isCurrency(unit) ? amount / perCurrencyUnit : amount;
}
