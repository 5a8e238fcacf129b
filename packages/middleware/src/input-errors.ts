import type { HttpProblem } from "./http-problem.ts";

const mostErrors = 16;

/**
 * What input failed of, such as `is missing`, each once; `undefined` for a problem that lists no errors. Where it failed is left out, since
 * clients choose the names of members, and so is what a text quotes.
 */
export function inputErrors({ extensions: { errors } }: Pick<HttpProblem, "extensions">): readonly string[] | undefined {
  if (!Array.isArray(errors)) return undefined;
  const details = errors.map((error: unknown) => String((Object(error) as { detail?: unknown }).detail).replaceAll(/ *"[^"]*"/g, ""));
  return [...new Set(details)].slice(0, mostErrors);
}
