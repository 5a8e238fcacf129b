import type { ScreeningOptions } from "@aivillage/input-sanitizer";
import { defined } from "@aivillage/middleware";

export const screeningModes = ["block", "flag"] as const;
export type ScreeningMode = (typeof screeningModes)[number];

/** A rule that does not count. */
export interface ScreeningExclusion {
  /** Id such as `sqli/condition`, or `sqli/*` for a whole class. */
  rule: string;
  /** JSON pointer such as `#/messages/*`, with everything below it, or the name of a parameter. Default: every field. */
  field?: string;
  /** Path of a route as the configuration names it. Default: every route. */
  route?: string;
}

/** How the text of requests is screened for attacks. */
export interface ScreeningConfig {
  /** What happens to a request that looks like an attack: it is refused, or reported and let through. */
  mode: ScreeningMode;
  /** Rules that do not count. */
  exclude: ScreeningExclusion[];
}

/** What a route sets of it. */
export interface RouteScreening {
  /** Default: `screening.mode`. */
  mode?: ScreeningMode;
}

export const routeScreeningSchema = {
  description: "an object such as { mode: flag }",
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: { mode: { enum: screeningModes } },
} as const;

const text = { type: "string", minLength: 1, maxLength: 512 } as const;

export const exclusionsSchema = {
  type: "array",
  maxItems: 200,
  items: {
    description: "an object such as { rule: sqli/condition, route: /v1/notes }",
    type: "object",
    additionalProperties: false,
    required: ["rule"],
    properties: { rule: text, field: text, route: text },
  },
} as const;

/** The screening of one route, as its sanitizer takes it. */
export function screeningOf({ mode, exclude }: ScreeningConfig, path: string, own: RouteScreening = {}): ScreeningOptions {
  const exclusions = exclude.filter(({ route }) => route === undefined || route === path);
  return {
    mode: own.mode ?? mode,
    exclude: exclusions.map(({ rule, field }) => defined({ rule, field })),
  };
}
