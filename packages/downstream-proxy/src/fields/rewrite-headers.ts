import type { ResponseHeaders } from "./response-head.ts";

/** Rewrites the attributes of cookies that a target sets. */
export interface RewrittenCookies {
  /** Value of `Domain` instead of the target's; an empty one removes it, so that the cookie is for this host only. */
  domain?: string;
  /** Value of `Path` instead of the target's. */
  path?: string;
}

/** Beginnings of paths that stand for one another, each with a slash at its start and end. */
export interface PathExchange {
  /** At the target, below its base path. */
  from: string;
  /** Here. */
  to: string;
}

interface RewriteSettings {
  readonly rewriteLocation: boolean | PathExchange;
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
  const exchange = typeof rewriteLocation === "object" ? rewriteLocation : undefined;
  if (rewriteLocation !== false && typeof location === "string") {
    rewritten = { ...rewritten, location: locationHere(location, sender, exchange) };
  }
  if (cookies !== undefined && (rewriteCookies ?? exchange) !== undefined) {
    rewritten = { ...rewritten, "set-cookie": [cookies].flat().map((cookie) => cookieHere(cookie, rewriteCookies ?? {}, exchange)) };
  }
  return rewritten;
}

/** Scheme and authority, or the authority alone (RFC 3986, 4.2). */
const authority = /^(?:https?:)?\/\/([^/?#\\]*)/i;

/** The path below the base path, without the address of the target. Locations at other hosts stay as they are. */
function locationHere(location: string, { origin, basePath }: Sender, exchange: PathExchange | undefined): string {
  const [address, host] = authority.exec(location) ?? ["", undefined];
  if (host !== undefined && host.toLowerCase() !== origin.slice(origin.indexOf("//") + 2)) return location;
  if (host === undefined && !location.startsWith("/")) return location;
  const path = fromRoot(location.slice(address.length));
  if (basePath === "") return pathOnly(exchanged(path, exchange));
  if (path !== basePath && !/^[/?#]/.test(afterBase(path, basePath))) return location;
  return pathOnly(exchanged(fromRoot(afterBase(path, basePath)), exchange));
}

/** A path that begins as those here do was made by a service that knows where it stands. */
function exchanged(path: string, exchange: PathExchange | undefined): string {
  if (exchange === undefined || !path.startsWith(exchange.from) || path.startsWith(exchange.to)) return path;
  return exchange.to + path.slice(exchange.from.length);
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

function cookieHere(cookie: string, { domain, path }: RewrittenCookies, exchange: PathExchange | undefined): string {
  let rewritten = cookie;
  if (path === undefined && exchange !== undefined)
    rewritten = cookie.replace(cookiePath, (_whole, start: string, its: string) => start + pathHere(its, exchange));
  if (domain !== undefined) rewritten = withAttribute(rewritten, "Domain", domain);
  if (path !== undefined) rewritten = withAttribute(rewritten, "Path", path);
  return rewritten;
}

const cookiePath = /(;\s*path\s*=\s*)(\/[^;]*)/gi;

/** The root covers every path here too. */
function pathHere(path: string, exchange: PathExchange): string {
  if (path === "/") return path;
  const here = exchanged(`${path}/`, exchange);
  return here === `${path}/` ? path : here.slice(0, -1);
}

/** Replaces an attribute that the cookie has; without it the browser's default holds, which is this server's already. */
function withAttribute(cookie: string, name: string, value: string): string {
  const [pair = "", ...attributes] = cookie.split(";");
  const isNamed = (attribute: string): boolean => attribute.split("=", 1)[0]?.trim().toLowerCase() === name.toLowerCase();
  const kept = attributes.map((attribute) => (isNamed(attribute) ? ` ${name}=${value}` : attribute));
  return [pair, ...(value === "" ? attributes.filter((attribute) => !isNamed(attribute)) : kept)].join(";");
}
