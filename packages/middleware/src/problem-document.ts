import type { HttpProblem } from "./http-problem.ts";

/** Where the pages that describe the problem types are; `{slug}` stands for the type. */
export const documentedTypes = "https://github.com/aivillage/gateway/blob/main/docs/problems/{slug}.md";

/** Whether a text is a template for the URIs of problem types: a URI that contains `{slug}` once, without spaces. */
export function isTypeUri(value: unknown): value is string {
  return (
    typeof value === "string" && value.split("{slug}").length === 2 && /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/.test(value.replace("{slug}", ""))
  );
}

/**
 * The problem as JSON (RFC 9457, 3). Extension members that JSON cannot hold are left out together.
 *
 * @param typeUri makes the URI of a type that is a slug, see `documentedTypes`
 * @param further members that are sent in any case, such as `request_id`
 */
export function problemDocument(
  problem: HttpProblem,
  typeUri: string = documentedTypes,
  further: Readonly<Record<string, unknown>> = {},
): string {
  const core = {
    type: /^[\w-]+$/.test(problem.type) ? typeUri.replace("{slug}", problem.type) : problem.type,
    title: problem.title,
    status: problem.status,
    ...(problem.expose && { detail: problem.detail }),
  };
  if (!problem.expose) return JSON.stringify({ ...core, ...further });
  try {
    // The core stands twice: first for the order of the members, then so that no extension can replace one.
    return JSON.stringify({ ...core, ...problem.extensions, ...core, ...further });
  } catch {
    // A cycle or a BigInt among the extensions must not cost the client its response.
    return JSON.stringify({ ...core, ...further });
  }
}
