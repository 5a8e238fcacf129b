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
 * Adds `X-Forwarded-For`, `-Proto`, `-Host` and `Forwarded` (RFC 7239) to a flat list of names and values.
 *
 * From a trusted peer the lists go on, with the peer itself as their newest entry, and protocol and host stay what the first
 * proxy saw. From any other peer everything starts anew with the client.
 */
export function pushForwarded(fields: string[], req: IncomingMessage, trusted: boolean, { clientIp }: ForwardedSettings): void {
  const incoming = trusted ? req.headers : {};
  const list = text(incoming["x-forwarded-for"]);
  const peer = plainAddress(req.socket.remoteAddress);
  const node = (list === undefined ? clientIp?.(req) : peer) ?? peer ?? clientIp?.(req);
  const ownProto = "encrypted" in req.socket ? "https" : "http";
  const ownHost = req.headers.host;
  fields.push("X-Forwarded-Proto", text(incoming["x-forwarded-proto"]) ?? ownProto);
  if (node !== undefined) fields.push("X-Forwarded-For", list === undefined ? node : `${list}, ${node}`);
  const host = text(incoming["x-forwarded-host"]) ?? ownHost;
  if (host !== undefined) fields.push("X-Forwarded-Host", host);
  const element = `for=${quotedNode(node)}${hostParameter(ownHost)};proto=${ownProto}`;
  fields.push("Forwarded", incoming.forwarded === undefined ? element : `${incoming.forwarded}, ${element}`);
}

function quotedNode(node: string | undefined): string {
  if (node === undefined) return "unknown";
  return node.includes(":") ? quoted(`[${node}]`) : quoted(node);
}

/** Most requests name the same host as the one before. */
let lastHost: string | undefined;
let lastParameter = "";

function hostParameter(host: string | undefined): string {
  if (host === lastHost) return lastParameter;
  lastHost = host;
  lastParameter = host === undefined ? "" : `;host=${quoted(host)}`;
  return lastParameter;
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
