import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/**
 * What a trusted peer reports about the path of a request.
 *
 * If it gives several protocols or hosts, the last one counts: the peer added it, while earlier ones may be the client's.
 */
export interface ForwardingReport {
  /** Addresses, beginning with the client: an IPv4 or IPv6 address with or without a port, or `unknown`. */
  readonly nodes: readonly string[];
  /** The protocol that the client used. */
  readonly proto?: string | undefined;
  /** The host that the client requested. */
  readonly host?: string | undefined;
}

/** Reads `X-Forwarded-For`, `-Proto` and `-Host`. */
export function readXForwarded(headers: IncomingHttpHeaders): ForwardingReport {
  return {
    nodes: listOf(headers["x-forwarded-for"]).map(nodeOf),
    proto: protoOf(listOf(headers["x-forwarded-proto"]).at(-1)),
    host: hostOf(listOf(headers["x-forwarded-host"]).at(-1)),
  };
}

const parameter = /\s*(for|proto|host)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))|[^;,"]+|"(?:[^"\\]|\\.)*"?/gi;

/** Reads `Forwarded` (RFC 7239, 4). */
export function readForwarded({ forwarded = "" }: IncomingHttpHeaders): ForwardingReport {
  const nodes: string[] = [];
  const last = new Map<string, string>();
  for (const [, name, inQuotes, plain] of forwarded.matchAll(parameter)) {
    if (name === undefined) continue;
    const value = inQuotes?.replace(/\\(.)/g, "$1") ?? plain ?? "";
    const key = name.toLowerCase();
    if (key === "for") nodes.push(nodeOf(value));
    else last.set(key, value);
  }
  return { nodes, proto: protoOf(last.get("proto")), host: hostOf(last.get("host")) };
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return String(value)
    .split(",")
    .flatMap((entry) => entry.trim() || []);
}

/** IPv4 or IPv6 in brackets, each with or without a port. */
const withPort = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i;

/** Anything but an address is useless to the next server, and would read differently in the two headers. */
function nodeOf(text: string): string {
  if (isIP(text) !== 0) return text;
  const [, v6, v4] = withPort.exec(text) ?? [];
  if (v6 !== undefined && isIP(v6) === 6) return text.endsWith("]") ? v6 : text;
  return v4 !== undefined && isIP(v4) === 4 ? text : "unknown";
}

function protoOf(text: string | undefined): string | undefined {
  const proto = text?.toLowerCase();
  return proto === "http" || proto === "https" || proto === "ws" || proto === "wss" ? proto : undefined;
}

/** A name or address with or without a port, as in `Host`. */
const host = /^(?:[\w.~-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

function hostOf(text: string | undefined): string | undefined {
  return text !== undefined && host.test(text) ? text : undefined;
}
