/** How many requests a backend serves at once. */
export interface Concurrency {
  /** Requests in progress. Either this or `adaptive`. */
  max?: number;
  /** Finds the number itself, between these, by the time to the first byte. */
  adaptive?: { min?: number; max: number };
  /** Requests in progress of one key, or of one address without a key. Default: half of all, rounded up. */
  perKey?: number;
}

/** A backend that several routes share. */
export interface UpstreamConcurrency extends Concurrency {
  /** One of its origins, as the routes name it. */
  url: string;
}

const count = { type: "integer", minimum: 1, maximum: 100_000 } as const;

const properties = {
  max: count,
  adaptive: {
    description: "an object such as { min: 2, max: 64 }",
    type: "object",
    additionalProperties: false,
    required: ["max"],
    properties: { min: count, max: count },
  },
  perKey: count,
} as const;

export const concurrencySchema = {
  description: "an object such as { max: 8 } or { adaptive: { min: 2, max: 64 }, perKey: 4 }",
  type: "object",
  additionalProperties: false,
  properties,
} as const;

export const upstreamConcurrencySchema = {
  type: "array",
  maxItems: 256,
  items: {
    description: "an object such as { url: http://models:9000, max: 8 }",
    type: "object",
    additionalProperties: false,
    required: ["url"],
    properties: { url: { description: "a URL such as http://models:9000", type: "string", maxLength: 2_048 }, ...properties },
  },
} as const;

/** What is wrong with a limit beyond its form. */
export function concurrencyProblems({ max, adaptive, perKey = 1 }: Concurrency): string[] {
  if ((max === undefined) === (adaptive === undefined)) return ["needs either `max` or `adaptive` in `concurrency`"];
  if (adaptive?.min !== undefined && adaptive.min > adaptive.max) return ["has `adaptive.min` above `adaptive.max`: lower it"];
  const most = max ?? adaptive?.max ?? perKey;
  return perKey > most ? [`has a \`perKey\` of ${perKey}, above the ${most} of all: lower it`] : [];
}
