import { isPlainObject, nameTest, option, optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { isCurrency, mostUnits, perCurrencyUnit } from "./units.ts";

/** Prices of a model for a million tokens, in units of the currency. Zero is a price: such tokens are free. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** Of input that came from a cache. Default: as `input`. */
  readonly cached?: number;
  /** Of input that was written to a cache. Default: as `input`. */
  readonly cacheWrite?: number;
}

/** What calls cost. Plain data, as from a YAML file. */
export interface Prices {
  /** Code of the currency, such as `EUR`: the unit of the budgets that count money. */
  readonly currency: string;
  /** Prices by the names of models. `*` stands for any characters. An exact name wins; of patterns, the first. */
  readonly models: Readonly<Record<string, ModelPrice>>;
  /** What is done with a call to any other model: it is refused, or counts as free. Default `refuse`. */
  readonly unknownModel?: "refuse" | "free";
}

/** Tokens of a call. `input` contains those from and to a cache. */
interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number | undefined;
  readonly cacheWrite?: number | undefined;
}

/** The price of one model, in integers for a million tokens. */
export interface Tariff {
  /** What these tokens cost, in 10^-9 of the currency's unit, rounded up. */
  cost(tokens: TokenCounts): number;
  /** The most that so many tokens can cost, whatever a cache does. */
  mostFor(input: number, output: number): number;
}

const million = 1_000_000;
const priceRule = { min: 0, max: million };

/**
 * Makes the function that finds the tariff of a model: `undefined` for an unknown model that is refused.
 *
 * @throws OptionError for bad prices
 */
export function tariffs(given: Prices): (model: string | undefined) => Tariff | undefined {
  const { models, unknownModel } = readOptions<Prices, typeof rules>(packageName, given, rules, "prices");
  const exact = new Map<string, Tariff>();
  const patterns: { readonly test: (model: string | undefined) => boolean; readonly tariff: Tariff }[] = [];
  for (const [name, price] of Object.entries(models)) {
    const tariff = toTariff(price, `prices.models["${name}"]`);
    if (name.includes("*")) patterns.push({ test: nameTest([name]), tariff });
    else exact.set(name, tariff);
  }
  const unknown = unknownModel === "free" ? toTariff({ input: 0, output: 0 }, "") : undefined;
  return (model) => exact.get(model ?? "") ?? patterns.find(({ test }) => test(model))?.tariff ?? unknown;
}

const rules = {
  currency: option.custom<string>("a currency of three capital letters, such as EUR", "", isCurrency),
  models: option.custom<Prices["models"]>("an object of prices by the names of models", {}, isPlainObject),
  unknownModel: option.oneOf(["refuse", "free"], "refuse"),
};

function toTariff(price: ModelPrice, path: string): Tariff {
  const rule = (fallback: number) =>
    option.custom<number>("a number of currency units from 0 to 1000000", fallback, (value) => isPrice(value));
  const { input, output } = price ?? {};
  for (const [name, value] of Object.entries({ input, output })) {
    if (!isPrice(value)) throw optionError(packageName, `${path}.${name}`, rule(0).expected, value);
  }
  const read = readOptions<ModelPrice, Record<keyof ModelPrice, ReturnType<typeof rule>>>(
    packageName,
    price,
    { input: rule(input), output: rule(output), cached: rule(input), cacheWrite: rule(input) },
    path,
  );
  const integer = (name: keyof ModelPrice): number => Math.round(read[name] * perCurrencyUnit);
  return tariffOf({ input: integer("input"), output: integer("output"), cached: integer("cached"), cacheWrite: integer("cacheWrite") });
}

function tariffOf(prices: Required<ModelPrice>): Tariff {
  const dearest = Math.max(prices.input, prices.cached, prices.cacheWrite);
  return {
    cost({ input, output, cachedInput = 0, cacheWrite = 0 }) {
      const plain = Math.max(0, input - cachedInput - cacheWrite);
      return total([plain, prices.input], [cachedInput, prices.cached], [cacheWrite, prices.cacheWrite], [output, prices.output]);
    },
    mostFor: (input, output) => total([input, dearest], [output, prices.output]),
  };
}

/** The tariff of a call that one of several models will serve; `undefined` if one of them has none. */
export function dearestOf(given: readonly (Tariff | undefined)[]): Tariff | undefined {
  const known = given.filter((tariff) => tariff !== undefined);
  if (known.length < given.length) return undefined;
  return {
    cost: (tokens) => Math.max(...known.map((tariff) => tariff.cost(tokens))),
    mostFor: (input, output) => Math.max(...known.map((tariff) => tariff.mostFor(input, output))),
  };
}

/** The sum of tokens times prices, for a million tokens, rounded up. Exact also where the products are beyond exact numbers. */
function total(...parts: readonly (readonly [tokens: number, price: number])[]): number {
  let sum = 0;
  for (const [tokens, price] of parts) sum += tokens * price;
  if (sum <= Number.MAX_SAFE_INTEGER) return (sum - (sum % million)) / million + (sum % million > 0 ? 1 : 0);
  const exact = parts.reduce((all, [tokens, price]) => all + BigInt(tokens) * BigInt(price), 0n);
  const rounded = (exact + 999_999n) / 1_000_000n;
  return rounded > BigInt(mostUnits) ? mostUnits : Number(rounded);
}

function isPrice(value: unknown): boolean {
  return typeof value === "number" && value >= priceRule.min && value <= priceRule.max && (value === 0 || value * perCurrencyUnit >= 1);
}
