import type { HttpProblem } from "@aivillage/middleware";

/** The problem as JSON (RFC 9457, 3). Extension members that JSON cannot hold are left out together. */
export function toDocument(problem: HttpProblem, typeUri: string, requestId: string | undefined): string {
  const core = {
    type: /^[\w-]+$/.test(problem.type) ? typeUri.replace("{slug}", problem.type) : problem.type,
    title: problem.title,
    status: problem.status,
    ...(problem.expose && { detail: problem.detail }),
  };
  const last = requestId !== undefined && { request_id: requestId };
  if (!problem.expose) return JSON.stringify({ ...core, ...last });
  try {
    // The core stands twice: first for the order of the members, then so that no extension can replace one.
    return JSON.stringify({ ...core, ...problem.extensions, ...core, ...last });
  } catch {
    // A cycle or a BigInt among the extensions must not cost the client its answer.
    return JSON.stringify({ ...core, ...last });
  }
}
