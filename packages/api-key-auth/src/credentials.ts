import type { IncomingMessage } from "node:http";

/** The bearer token of a request, or why it has none. */
export type Credentials = { readonly token: string } | { readonly failure: "missing" | "malformed" | "in-query" };

/** Longer tokens are refused before anything is computed from them. */
export const longestToken = 4096;

/** `b64token` of RFC 6750, 2.1. */
const tokenForm = /^[\w\-.~+/]+=*$/;

export function isTokenForm(token: string): boolean {
  return token.length <= longestToken && tokenForm.test(token);
}

/** Parameters that people put keys into; RFC 6750, 2.3 names the first and advises against it. */
const queryNames = new Set(["access_token", "api_key", "apikey", "key"]);

const missing: Credentials = { failure: "missing" };
const malformed: Credentials = { failure: "malformed" };
const inQuery: Credentials = { failure: "in-query" };

/** Reads `Authorization: Bearer <token>`. Another scheme counts as no credentials. */
export function readCredentials(req: IncomingMessage): Credentials {
  const header = req.headers.authorization;
  if (header === undefined) return hasKeyInQuery(req.url ?? "") ? inQuery : missing;
  // Node keeps the first of several values; a proxy in front may have checked another one.
  if (header === "" || hasSeveral(req.rawHeaders, "authorization")) return malformed;
  const [scheme, rest] = splitAtSpace(header);
  if (scheme.toLowerCase() !== "bearer") return missing;
  const token = rest.trimStart();
  return isTokenForm(token) ? { token } : malformed;
}

function splitAtSpace(text: string): [head: string, rest: string] {
  const space = text.indexOf(" ");
  return space === -1 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}

function hasSeveral(rawHeaders: readonly string[], name: string): boolean {
  let count = 0;
  for (let position = 0; position < rawHeaders.length; position += 2) {
    const candidate = rawHeaders[position];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) count += 1;
  }
  return count > 1;
}

function hasKeyInQuery(url: string): boolean {
  const start = url.indexOf("?");
  if (start === -1) return false;
  for (const name of new URLSearchParams(url.slice(start + 1)).keys()) if (queryNames.has(name.toLowerCase())) return true;
  return false;
}
