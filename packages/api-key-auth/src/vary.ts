import type { ServerResponse } from "node:http";

/**
 * Adds names to `Vary` (RFC 9110, 12.5.5), so that a shared cache does not give the response to one key to a request without it. For
 * `Authorization` none is needed: caches do not share those responses unless the service permits it (RFC 9111, 3.5).
 */
export function addVary(res: ServerResponse, names: readonly string[]): void {
  if (names.length === 0 || res.headersSent) return;
  const known = [res.getHeader("vary") ?? []]
    .flat()
    .join(",")
    .toLowerCase()
    .split(/[\s,]+/);
  for (const name of names) if (!known.includes(name.toLowerCase())) res.appendHeader("Vary", name);
}
