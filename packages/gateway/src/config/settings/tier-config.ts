/** What shares a limit: a key or token anywhere, a key or token at one address, or all clients at an address. */
export const limitBys = ["principal", "principal+address", "address"] as const;
export type LimitBy = (typeof limitBys)[number];

/** The limit of one tier of principals. */
export interface TierConfig {
  /** Tier of a key or token, such as `premium`; or `anonymous`, `authenticated`. */
  name: string;
  /** Requests that one client may send in a window. */
  requests: number;
  /** Length of the window in seconds. Default: `rateLimit.windowSeconds`. */
  windowSeconds?: number;
  /** Which requests share the limit. Default: `rateLimit.limitBy`. */
  limitBy?: LimitBy;
  /** Requests that one key may have in progress on all routes together. Default: `concurrency.perKey`. */
  concurrency?: number;
  /** How many turns a key gets in a queue compared with others. Default 1. */
  weight?: number;
  /** Higher comes first in a queue, from 0 to 9. Default 0. */
  priority?: number;
}

export const tierName = {
  description: "up to 32 small letters, digits, `_` and `-` that begin with a letter, such as premium",
  type: "string",
  pattern: "^[a-z][a-z0-9_-]{0,31}$",
} as const;

export const limitProperties = {
  requests: { type: "integer", minimum: 1, maximum: 1_000_000_000 },
  windowSeconds: { type: "integer", minimum: 1, maximum: 86_400 },
  limitBy: { description: `one of ${limitBys.join(", ")}`, enum: limitBys },
} as const;

/** Only the last of two limits for one tier would count. */
export function tierProblems(tiers: readonly TierConfig[]): string[] {
  const names = tiers.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [`\`rateLimit.tiers\`[${index}] ${name} has a limit already: keep one of them`],
  );
}

export const tierSchema = {
  type: "array",
  maxItems: 32,
  items: {
    description: "an object such as { name: premium, requests: 500 }",
    type: "object",
    additionalProperties: false,
    required: ["name", "requests"],
    properties: {
      name: { ...tierName, description: `${tierName.description}, and not suspicious`, not: { const: "suspicious" } },
      ...limitProperties,
      concurrency: { type: "integer", minimum: 1, maximum: 100_000 },
      weight: { type: "integer", minimum: 1, maximum: 1_000 },
      priority: { type: "integer", minimum: 0, maximum: 9 },
    },
  },
} as const;
