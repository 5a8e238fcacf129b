import type { IncomingMessage } from "node:http";

interface ForwardedSettings {
  readonly clientIp: ((req: IncomingMessage) => string | undefined) | undefined;
}

/** Fields that we write ourselves, whoever the peer is, in lower case. */
export const writtenForwarded: readonly string[] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];

/** Whether a field (in lower case) tells about the way of the request, and so is worth nothing from a peer that is not trusted. */
export function isForwardedField(name: string): boolean {
  return name.startsWith("x-forwarded-") || name === "x-real-ip";
}

/**
 * `X-Forwarded-For`, `-Proto`, `-Host` and `Forwarded` (RFC 7239) as a flat list of names and values.
 *
 * From a trusted peer the lists go on, with the peer itself as their newest entry, and protocol and host stay what the first
 * proxy saw. From any other peer everything starts anew with the client.
 */
export function forwardedFields(req: IncomingMessage, trusted: boolean, { clientIp }: ForwardedSettings): readonly string[] {
  const incoming = trusted ? req.headers : {};
  const list = text(incoming["x-forwarded-for"]);
  const peer = plainAddress(req.socket.remoteAddress);
  const node = (list === undefined ? clientIp?.(req) : peer) ?? peer ?? clientIp?.(req);
  const ownProto = "encrypted" in req.socket ? "https" : "http";
  const ownHost = req.headers.host;
  const fields = ["X-Forwarded-Proto", text(incoming["x-forwarded-proto"]) ?? ownProto];
  if (node !== undefined) fields.push("X-Forwarded-For", list === undefined ? node : `${list}, ${node}`);
  const host = text(incoming["x-forwarded-host"]) ?? ownHost;
  if (host !== undefined) fields.push("X-Forwarded-Host", host);
  const element = forwardedElement(node, ownHost, ownProto);
  fields.push("Forwarded", incoming.forwarded === undefined ? element : `${incoming.forwarded}, ${element}`);
  return fields;
}

function forwardedElement(node: string | undefined, host: string | undefined, proto: string): string {
  const by = node === undefined ? "unknown" : quoted(node.includes(":") ? `[${node}]` : node);
  return host === undefined ? `for=${by};proto=${proto}` : `for=${by};host=${quoted(host)};proto=${proto}`;
}

/** A token as it is, anything else as a quoted string. */
function quoted(value: string): string {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** IPv4 that came in through an IPv6 socket, as IPv4. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.startsWith("::ffff:") === true ? address.slice(7) : address;
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
