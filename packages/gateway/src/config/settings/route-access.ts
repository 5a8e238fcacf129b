import { type LimitBy, limitProperties, tierName } from "./tier-config.ts";

/** A limit of one route, beside those of the tiers. */
export interface RouteLimit {
  /** Requests that one client may send in a window. */
  requests: number;
  /** Length of the window in seconds. Default: `rateLimit.windowSeconds`. */
  windowSeconds?: number;
  /** Which requests share the limit. Default: `rateLimit.limitBy`. */
  limitBy?: LimitBy;
}

/** Who may use a route, and how much. */
export interface RouteAccess {
  /** True: no credentials needed. Default false. */
  public?: boolean;
  /** Scopes that a principal must all have. Default: none. */
  scopes?: string[];
  /** Tiers of which a principal must have one. Default: any. */
  tiers?: string[];
  /** Further limits. Default: none. */
  limits?: RouteLimit[];
}

const scope = { description: "1 to 64 visible characters without quotes and backslashes, such as notes:read", type: "string" } as const;

export const accessProperties = {
  public: { type: "boolean" },
  scopes: {
    description: 'a list of 1 to 32 scopes such as ["notes:read"]',
    type: "array",
    items: { ...scope, pattern: "^[!#-\\[\\]-~]{1,64}$" },
    minItems: 1,
    maxItems: 32,
  },
  tiers: {
    description: "a list of 1 to 32 tiers such as [premium]",
    type: "array",
    items: tierName,
    minItems: 1,
    maxItems: 32,
  },
  limits: {
    description: "a list of at most 8 limits such as [{ requests: 10, windowSeconds: 60 }]",
    type: "array",
    maxItems: 8,
    items: {
      description: "an object such as { requests: 10, windowSeconds: 60 }",
      type: "object",
      additionalProperties: false,
      required: ["requests"],
      properties: limitProperties,
    },
  },
} as const;
