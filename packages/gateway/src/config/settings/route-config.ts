import { type FormerKeys, formerProperties } from "./former-keys.ts";
import { accessProperties, type RouteAccess } from "./route-access.ts";
import { aiProperties, type RouteAi } from "./route-ai.ts";
import { type Concurrency, concurrencySchema } from "./route-concurrency.ts";
import { corsProperties, type RouteCors } from "./route-cors.ts";
import { headersProperties, type RouteHeaders } from "./route-headers.ts";
import { inputProperties, type RouteInput } from "./route-input.ts";
import { matchingProperties, type RouteMatching } from "./route-matching.ts";
import { type RouteService, serviceProperties } from "./route-service.ts";

/** A route that an operator adds, or the policy of a built-in one. */
export interface RouteConfig extends RouteMatching, RouteAccess, RouteInput, RouteHeaders, RouteService, RouteAi, FormerKeys {
  /** CORS of this route; `false` for no page of another origin. Default: that of all. */
  cors?: RouteCors | false;
  /** How many requests the service of this route serves at once. Default: as many as come. */
  concurrency?: Concurrency;
  /** One line for the description of the API. */
  summary?: string;
}

/** What the routes set of a built-in path. */
export function policyOf(path: string, routes: readonly RouteConfig[]): RouteConfig | undefined {
  return routes.find((route) => route.path === path && route.host === undefined);
}

export const routeSchema = {
  type: "array",
  maxItems: 2_000,
  items: {
    description: 'an object such as { path: /v1/notes, upstream: ["http://notes:9000"] }',
    type: "object",
    additionalProperties: false,
    required: ["path"],
    properties: {
      ...matchingProperties,
      ...accessProperties,
      ...inputProperties,
      ...headersProperties,
      ...corsProperties,
      ...serviceProperties,
      ...aiProperties,
      ...formerProperties,
      concurrency: concurrencySchema,
      summary: { type: "string", maxLength: 200 },
    },
  },
} as const;
