import type { IncomingMessage } from "node:http";

import { hostOf } from "@aivillage/middleware";
import type { Attributes } from "@opentelemetry/api";

/** The methods of RFC 9110 and RFC 5789, which the semantic conventions for HTTP know. */
const knownMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"]);

const isKnown = (method: string | undefined): method is string => method !== undefined && knownMethods.has(method);

/** The first word of a span's name. */
export function methodName({ method }: IncomingMessage): string {
  return isKnown(method) ? method : "HTTP";
}

export function methodAttributes({ method }: IncomingMessage): Attributes {
  if (isKnown(method)) return { "http.request.method": method };
  // Node's parser takes a fixed list of methods, so this has few values.
  return { "http.request.method": "_OTHER", "http.request.method_original": method };
}

/** Scheme, host and port that the client asked for, as the client or a trusted proxy says. */
export function originAttributes(req: IncomingMessage, isFromTrustedProxy: boolean): Attributes {
  const forwarded = isFromTrustedProxy ? req.headers : {};
  const scheme = knownScheme(forwarded["x-forwarded-proto"]) ?? ("encrypted" in req.socket ? "https" : "http");
  return { "url.scheme": scheme, ...hostAttributes(text(forwarded["x-forwarded-host"]) ?? hostOf(req) ?? "", scheme) };
}

function knownScheme(given: string | string[] | undefined): string | undefined {
  return given === "http" || given === "https" ? given : undefined;
}

function text(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

const hostAndPort = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([^:[\]\s,]{1,253}))(?::(\d{1,5}))?$/;

/** Most requests name the same host as the one before. */
let last = { host: "", scheme: "", attributes: {} as Attributes };

function hostAttributes(host: string, scheme: string): Attributes {
  if (last.host !== host || last.scheme !== scheme) last = { host, scheme, attributes: readHost(host, scheme) };
  return last.attributes;
}

function readHost(host: string, scheme: string): Attributes {
  const [, ipv6, name = ipv6, port] = hostAndPort.exec(host) ?? [];
  if (name === undefined) return {};
  return { "server.address": name, "server.port": Number(port ?? (scheme === "https" ? 443 : 80)) };
}

/** Host and port of an origin such as `http://10.0.0.1:8002`. */
export function serverAttributes(origin: string): Attributes {
  const { protocol, hostname, port } = new URL(origin);
  return { "server.address": hostname.replace(/^\[(.*)\]$/, "$1"), "server.port": Number(port || (protocol === "https:" ? 443 : 80)) };
}
