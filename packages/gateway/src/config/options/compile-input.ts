import { sanitizeInput, type SanitizeInputOptions } from "@aivillage/input-sanitizer";
import { defined, type Handler } from "@aivillage/middleware";

import type { Steps } from "../../steps.ts";
import { aiSchemas } from "../settings/ai-schemas.ts";
import { type ExpandedRoute, expandRoute } from "../settings/expand-route.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import type { RouteConfig } from "../settings/route-config.ts";
import { takesAnyQuery, toBytes } from "../settings/route-input.ts";
import { screeningOf } from "../settings/screening-config.ts";

/** The JSON Schemas of a query and of a JSON body, whether they are checked, how their text is screened, and how large the body may be. */
export type InputSchemas = Pick<SanitizeInputOptions, "query" | "body" | "checkSchemas" | "screening"> & { readonly limits?: BodyLimits };

type BodyLimits = Pick<NonNullable<SanitizeInputOptions["limits"]>, "bodyBytes" | "stringLength" | "depth" | "keys">;

/** Takes no query parameters; whatever comes is a mistake or an attack. */
export const noQuery = { type: "object", additionalProperties: false, properties: {} } as const;

/** Those of the gateway, which its tests check. */
const shipped: ReadonlySet<unknown> = new Set([noQuery, ...Object.values(aiSchemas)]);

/** Whether a route has a schema that an operator wrote. Checking one costs as much as all that a start compiles. */
export function hasOwnSchema(...schemas: unknown[]): boolean {
  return schemas.some((schema) => typeof schema === "object" && !shipped.has(schema));
}

/** How long a JSON body may take: a slow client gets its 408 within half a minute. */
const bodyTimeoutMs = 25_000;

/** Twice the routes of the largest configuration: those in force, and those that are about to be. */
const mostKept = 4_000;
const kept = new Map<string, () => Handler>();

/**
 * Makes the check of query and body. The check of a configuration, the start and each reload ask for the same ones, so each pair of schemas is
 * compiled once and kept.
 *
 * @throws TypeError for a schema that is not valid
 */
export function compileInput(schemas: InputSchemas): Handler {
  const key = keyOf(schemas);
  const known = kept.get(key) ?? compile(schemas);
  // The one that was not used for the longest time goes first.
  kept.delete(key);
  kept.set(key, known);
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  return known();
}

/** What the input of a configured route must be like. */
export function routeSchemas(route: ExpandedRoute, { input, screening }: Pick<GatewayConfig, "input" | "screening">): InputSchemas {
  const { path, query = noQuery, body } = route;
  return {
    ...(!takesAnyQuery(query) && { query }),
    ...(typeof body === "object" && { body, limits: bodyLimits(route, input) }),
    checkSchemas: hasOwnSchema(query, body),
    screening: screeningOf(screening, path, route.screening),
  };
}

/** The limits of a JSON body, those of the route first. */
export function bodyLimits(
  own: Pick<RouteConfig, "maxBodyBytes" | "maxStringLength" | "maxDepth" | "maxKeys">,
  input: GatewayConfig["input"],
): BodyLimits {
  const { maxBodyBytes = input.maxBodyBytes, maxStringLength = input.maxStringLength, maxDepth = input.maxDepth } = own;
  return { bodyBytes: toBytes(maxBodyBytes), stringLength: maxStringLength, depth: maxDepth, ...defined({ keys: own.maxKeys }) };
}

/** Compiles the schemas of these routes in steps, one each, so that making their checks afterwards takes no time. */
export function* compileAhead({ routes, ...general }: Pick<GatewayConfig, "routes" | "input" | "screening">): Steps<void> {
  for (const route of routes) {
    const schemas = routeSchemas(expandRoute(route), general);
    if (kept.has(keyOf(schemas))) continue;
    compileQuietly(schemas);
    yield;
  }
}

/** The error of a schema that is not valid is kept for the check of the configuration. */
function compileQuietly(schemas: InputSchemas): void {
  try {
    compileInput(schemas);
  } catch {}
}

function keyOf({ query, body, checkSchemas, screening, limits }: InputSchemas): string {
  return JSON.stringify([query, body, checkSchemas, screening, limits]);
}

function compile({ query, body, checkSchemas, screening, limits }: InputSchemas): () => Handler {
  try {
    const handler = sanitizeInput({
      ...defined({ query, body, checkSchemas, screening }),
      limits: { ...limits, bodyTimeoutMs },
      keepBody: false,
    });
    return () => handler;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
