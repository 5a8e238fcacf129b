/**
 * What shares a budget: a principal, or without one the client's address; all principals of a tenant, or one without a tenant alone; all
 * callers of a tier; or all callers.
 */
const budgetBys = ["principal", "tenant", "tier", "all"] as const;

/** How much may be used of what, by whom, in which time. */
export interface BudgetConfig {
  /** Unique; it stands in responses, logs and metrics. */
  name: string;
  /** `tokens`, `input`, `output`, `calls`, or the currency of `prices`. */
  unit: string;
  /** The most that may be used in a period. Default: the budget applies to those keys alone whose `budgets` name it. */
  limit?: number;
  /** A calendar period of `timeZone`, or a number of seconds. */
  period: "hour" | "day" | "month" | number;
  /** Default `UTC`. */
  timeZone?: string;
  /** Default `principal`. */
  by?: (typeof budgetBys)[number];
  /** Which calls count. Default: all calls of AI routes. */
  when?: BudgetConditions;
  /** What happens to calls while the shared store is down. Default `closed`. */
  outage?: "closed" | "open" | "local";
}

/** Conditions that must all hold. */
export interface BudgetConditions {
  /** Tiers of the caller. */
  tiers?: string[];
  /** Tenants of the caller. */
  tenants?: string[];
  /** Requested models; `*` stands for any characters. */
  models?: string[];
  /** Paths of AI routes, as the configuration names them. */
  routes?: string[];
}

/** What a million tokens of a model cost. */
export interface PriceConfig {
  /** Name of the model; `*` stands for any characters. */
  model: string;
  input: number;
  output: number;
  /** Input from a cache. Default: as `input`. */
  cached?: number;
  /** Input that is written to a cache. Default: as `input`. */
  cacheWrite?: number;
}

const names = (description: string) =>
  ({
    description,
    type: "array",
    items: { type: "string", minLength: 1, maxLength: 256 },
    minItems: 1,
    maxItems: 100,
    uniqueItems: true,
  }) as const;

export const budgetsSchema = {
  type: "array",
  maxItems: 100,
  items: {
    description: "an object such as { name: daily, unit: tokens, limit: 200000, period: day }",
    type: "object",
    additionalProperties: false,
    required: ["name", "unit", "period"],
    properties: {
      name: { description: "1 to 64 letters, digits, `_`, `.` and `-`, such as daily", type: "string", pattern: "^[\\w.-]{1,64}$" },
      unit: {
        description: "one of tokens, input, output, calls, or the currency of `prices`, such as EUR",
        type: "string",
        pattern: "^(tokens|input|output|calls|[A-Z]{3})$",
      },
      limit: { type: "number", minimum: 0, maximum: 1_000_000_000_000_000 },
      period: {
        description: "hour, day, month, or a number of seconds from 1 to 31622400",
        anyOf: [{ enum: ["hour", "day", "month"] }, { type: "integer", minimum: 1, maximum: 31_622_400 }],
      },
      timeZone: { description: "a time zone such as Europe/Berlin", type: "string", minLength: 1, maxLength: 64 },
      by: { enum: budgetBys },
      when: {
        description: "an object such as { tiers: [premium], models: [gpt-*], routes: [/v1/chat/completions] }",
        type: "object",
        additionalProperties: false,
        minProperties: 1,
        properties: {
          tiers: names("a list of 1 to 100 different tiers such as [premium]"),
          tenants: names("a list of 1 to 100 different tenants such as [acme]"),
          models: names('a list of 1 to 100 different models such as ["gpt-*"]'),
          routes: names("a list of 1 to 100 different paths of AI routes such as [/v1/chat/completions]"),
        },
      },
      outage: { enum: ["closed", "open", "local"] },
    },
  },
} as const;

const price = { type: "number", minimum: 0, maximum: 1_000_000 } as const;

export const pricesSchema = {
  type: "array",
  maxItems: 1_000,
  items: {
    description: 'an object such as { model: "gpt-5*", input: 1.25, cached: 0.125, output: 10 }',
    type: "object",
    additionalProperties: false,
    required: ["model", "input", "output"],
    properties: {
      model: { description: 'the name of a model such as gpt-5 or "gpt-*"', type: "string", minLength: 1, maxLength: 256 },
      input: price,
      output: price,
      cached: price,
      cacheWrite: price,
    },
  },
} as const;
