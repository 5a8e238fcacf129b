import type { ResponseHeaders } from "./response-head.ts";

/** Rewrites the attributes of cookies that a target sets. */
export interface RewrittenCookies {
  /** Value of `Domain` instead of the target's; an empty one removes it, so that the cookie is for this host only. */
  domain?: string;
  /** Value of `Path` instead of the target's. */
  path?: string;
}

interface RewriteSettings {
  readonly rewriteLocation: boolean;
  readonly rewriteCookies: RewrittenCookies | undefined;
}

/** The replica that sent the headers, as the target knows itself. */
interface Sender {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly basePath: string;
}

/** The headers of a target with its own address in `Location` and its own scope of cookies replaced by those of this server. */
export function rewriteHeaders(headers: ResponseHeaders, sender: Sender, settings: RewriteSettings): ResponseHeaders {
  const { location, "set-cookie": cookies } = headers;
  const { rewriteLocation, rewriteCookies } = settings;
  let rewritten = headers;
  if (rewriteLocation && typeof location === "string") rewritten = { ...rewritten, location: locationHere(location, sender) };
  if (rewriteCookies !== undefined && cookies !== undefined) {
    rewritten = { ...rewritten, "set-cookie": [cookies].flat().map((cookie) => cookieHere(cookie, rewriteCookies)) };
  }
  return rewritten;
}

/** Scheme and authority, or the authority alone (RFC 3986, 4.2). */
const authority = /^(?:https?:)?\/\/([^/?#\\]*)/i;

/** The path below the base path, without the address of the target. Locations at other hosts stay as they are. */
function locationHere(location: string, { origin, basePath }: Sender): string {
  const [address, host] = authority.exec(location) ?? ["", undefined];
  if (host !== undefined && host.toLowerCase() !== origin.slice(origin.indexOf("//") + 2)) return location;
  if (host === undefined && !location.startsWith("/")) return location;
  const path = fromRoot(location.slice(address.length));
  if (basePath === "") return pathOnly(path);
  return path === basePath || /^[/?#]/.test(afterBase(path, basePath)) ? pathOnly(fromRoot(afterBase(path, basePath))) : location;
}

function afterBase(path: string, basePath: string): string {
  return path.startsWith(basePath) ? path.slice(basePath.length) : "";
}

function fromRoot(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

/** A path that begins with two slashes would be taken for another host. */
function pathOnly(path: string): string {
  return /^\/[/\\]/.test(path) ? `/.${path}` : path;
}

function cookieHere(cookie: string, { domain, path }: RewrittenCookies): string {
  let rewritten = cookie;
  if (domain !== undefined) rewritten = withAttribute(rewritten, "Domain", domain);
  if (path !== undefined) rewritten = withAttribute(rewritten, "Path", path);
  return rewritten;
}

/** Replaces an attribute that the cookie has; without it the browser's default holds, which is this server's already. */
function withAttribute(cookie: string, name: string, value: string): string {
  const [pair = "", ...attributes] = cookie.split(";");
  const isNamed = (attribute: string): boolean => attribute.split("=", 1)[0]?.trim().toLowerCase() === name.toLowerCase();
  const kept = attributes.map((attribute) => (isNamed(attribute) ? ` ${name}=${value}` : attribute));
  return [pair, ...(value === "" ? attributes.filter((attribute) => !isNamed(attribute)) : kept)].join(";");
}
