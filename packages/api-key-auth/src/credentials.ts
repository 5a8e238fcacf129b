import type { IncomingMessage } from "node:http";

import { countHeader } from "@aivillage/middleware";

import { isTokenForm } from "./keys/key-digest.ts";
import { parseApiKey } from "./keys/key-text.ts";

/** The bearer token of a request, or why it has none. */
export type Credentials = { readonly token: string } | { readonly failure: "missing" | "malformed" | "in-query" };

/** The parameter of RFC 6750, 2.3, which never stands for anything else. */
const registeredName = "access_token";
/** Further ones that people put keys into. */
const usualNames = new Set([registeredName, "api_key", "api-key", "apikey", "key"]);

const missing: Credentials = { failure: "missing" };
const malformed: Credentials = { failure: "malformed" };
const inQuery: Credentials = { failure: "in-query" };

/** Reads `Authorization: Bearer <token>`. Another scheme counts as no credentials. */
export function readCredentials(req: IncomingMessage): Credentials {
  const header = req.headers.authorization;
  if (header === undefined) return hasParameter(req.url, isCredential) ? inQuery : missing;
  // Node keeps the first of several values; a proxy in front may have checked another one.
  if (header === "" || countHeader(req.rawHeaders, "authorization") > 1) return malformed;
  if (!hasBearerScheme(header)) return missing;
  const token = header.slice(schemeLength + 1).trimStart();
  if (!isTokenForm(token)) return malformed;
  // Credentials sent in two ways at once are an invalid request (RFC 6750, 3.1).
  return hasParameter(req.url, isRegistered) ? inQuery : { token };
}

const schemeLength = "Bearer".length;

/** The scheme stands before a space or alone, in any case (RFC 9110, 11.1). */
function hasBearerScheme(header: string): boolean {
  if (header.startsWith("Bearer ")) return true;
  const end = header.indexOf(" ");
  return (end === -1 ? header.length : end) === schemeLength && header.slice(0, schemeLength).toLowerCase() === "bearer";
}

function hasParameter(url: string | undefined, accepts: (name: string, value: string) => boolean): boolean {
  const start = url?.indexOf("?") ?? -1;
  if (url === undefined || start === -1) return false;
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) if (accepts(name.toLowerCase(), value)) return true;
  return false;
}

function isRegistered(name: string): boolean {
  return name === registeredName;
}

/** Known by the name of the parameter, or by the checksum of a key of ours under any name. */
function isCredential(name: string, value: string): boolean {
  return usualNames.has(name) || typeof parseApiKey(value) === "object";
}
