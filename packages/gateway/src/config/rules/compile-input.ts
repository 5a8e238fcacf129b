import { sanitizeInput, type SanitizeInputOptions } from "@aivillage/input-sanitizer";
import type { Handler } from "@aivillage/middleware";

/** The JSON Schemas of a query and of a JSON body. */
export type InputSchemas = Pick<SanitizeInputOptions, "query" | "body">;

/** Takes no query parameters; whatever comes is a mistake or an attack. */
export const noQuery = { type: "object", additionalProperties: false, properties: {} } as const;

/** How long a JSON body may take: a slow client gets its 408 within half a minute. */
const bodyTimeoutMs = 25_000;

/** Twice the routes of the largest configuration: those in force, and those that are about to be. */
const mostKept = 1_000;
const kept = new Map<string, Handler>();

/**
 * Makes the check of query and body. The check of a configuration, the start and each reload ask for the same ones, so each pair of schemas is
 * compiled once and kept.
 *
 * @throws TypeError for a schema that is not valid
 */
export function compileInput({ query, body }: InputSchemas): Handler {
  const key = JSON.stringify([query, body]);
  const known = kept.get(key);
  const compiled =
    known ?? sanitizeInput({ ...(query !== undefined && { query }), ...(body !== undefined && { body }), limits: { bodyTimeoutMs } });
  // The one that was not used for the longest time goes first.
  kept.delete(key);
  kept.set(key, compiled);
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  return compiled;
}
