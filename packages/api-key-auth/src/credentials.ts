import type { IncomingMessage } from "node:http";

import { countHeader } from "@aivillage/middleware";

import { bearerOnly, type Carriers } from "./carriers.ts";
import { isTokenForm } from "./keys/key-digest.ts";
import { parseApiKey } from "./keys/key-text.ts";

/** The key or token of a request, or why it has none. */
export type Credentials = { readonly token: string } | { readonly failure: "missing" | "malformed" | "in-query" };

/** The parameter of RFC 6750, 2.3, which never stands for anything else. */
const registeredName = "access_token";
/** Further ones that people put keys into. */
const usualNames = new Set([registeredName, "api_key", "api-key", "apikey", "key"]);

const missing: Credentials = { failure: "missing" };
const malformed: Credentials = { failure: "malformed" };
const inQuery: Credentials = { failure: "in-query" };

/** Reads what the carriers hold. Another scheme counts as no credentials; a cookie counts when no header has any. */
export function readCredentials(req: IncomingMessage, { schemes, headers, cookies }: Carriers = bearerOnly): Credentials {
  let found = schemes.length === 0 ? missing : readAuthorization(req, schemes);
  for (const name of headers) found = either(found, readHeader(req, name));
  if (found === missing && cookies.length > 0) found = readCookies(req, cookies);
  if (found === missing) return hasParameter(req.url, isCredential) ? inQuery : missing;
  // Credentials sent in two ways at once are an invalid request (RFC 6750, 3.1).
  return "token" in found && hasParameter(req.url, isRegistered) ? inQuery : found;
}

function readAuthorization(req: IncomingMessage, schemes: readonly string[]): Credentials {
  const header = req.headers.authorization;
  if (header === undefined) return missing;
  // Node keeps the first of several values; a proxy in front may have checked another one.
  if (header === "" || countHeader(req.rawHeaders, "authorization") > 1) return malformed;
  // The scheme stands before a space or alone, in any case (RFC 9110, 11.1).
  const end = header.indexOf(" ");
  const scheme = end === -1 ? header : header.slice(0, end);
  if (!schemes.includes(scheme) && !schemes.includes(scheme.toLowerCase())) return missing;
  return readToken(end === -1 ? "" : header.slice(end + 1).trimStart());
}

function readHeader(req: IncomingMessage, name: string): Credentials {
  const value = req.headers[name];
  if (value === undefined) return missing;
  return typeof value === "string" && countHeader(req.rawHeaders, name) <= 1 ? readToken(value) : malformed;
}

/** A cookie that another site made the browser send is nobody's wish (RFC 6265, 8.2). */
function readCookies(req: IncomingMessage, names: readonly string[]): Credentials {
  const { cookie: header } = req.headers;
  if (header === undefined || isFromAnotherSite(req)) return missing;
  let found = missing;
  for (const pair of header.split(";")) {
    const end = pair.indexOf("=");
    if (end !== -1 && names.includes(pair.slice(0, end).trim())) found = either(found, readToken(pair.slice(end + 1).trim()));
  }
  return found;
}

/**
 * Browsers name the site (Fetch Metadata) only over TLS, and Chromium never for a WebSocket. Without it the origin has to be this one, as
 * nobody can know which hosts make a site.
 */
function isFromAnotherSite({ headers }: IncomingMessage): boolean {
  // HTTP/2 names the host in a pseudo-header.
  const { "sec-fetch-site": site, origin, host = headers[":authority"] } = headers;
  if (site !== undefined) return site === "cross-site";
  return origin !== undefined && URL.parse(origin)?.host !== host;
}

function readToken(token: string): Credentials {
  return isTokenForm(token) ? { token } : malformed;
}

/** The same credentials may come in several ways, as SDKs send them; of different ones nobody knows which are meant. */
function either(a: Credentials, b: Credentials): Credentials {
  if (a === missing) return b;
  if (b === missing) return a;
  return "token" in a && "token" in b && a.token === b.token ? a : malformed;
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
