import type { BudgetedUsage } from "./call.ts";
import type { Tariff } from "./money/prices.ts";
import { mostUnits, type Unit } from "./money/units.ts";

/** The most of a unit that a call with so much input and output may use. */
export function mostOf(unit: Unit, input: number, output: number, tariff: Tariff | undefined): number {
  if (unit === "calls") return 1;
  if (unit === "input") return input;
  if (unit === "output") return output;
  if (unit === "tokens") return Math.min(mostUnits, input + output);
  return tariff?.mostFor(input, output) ?? 0;
}

/** What of a unit a call has used. */
export function usedOf(unit: Unit, usage: BudgetedUsage, tariff: Tariff | undefined): number {
  if (unit === "calls") return 1;
  if (unit === "input") return count(usage.input);
  if (unit === "output") return count(usage.output);
  if (unit === "tokens") return Math.min(mostUnits, count(usage.input) + count(usage.output));
  const { cachedInput, cacheWrite } = usage;
  const counts = { input: count(usage.input), output: count(usage.output), cachedInput: count(cachedInput), cacheWrite: count(cacheWrite) };
  return tariff?.cost(counts) ?? 0;
}

const mostTokens = 1_000_000_000_000;

/** A number of tokens that anybody may have reported. */
export function count(tokens: number | undefined): number {
  if (tokens === undefined || !(tokens > 0)) return 0;
  return Math.min(mostTokens, Math.ceil(tokens));
}
