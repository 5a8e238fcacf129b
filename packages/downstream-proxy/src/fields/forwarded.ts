import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

import { canonicalAddress, hostOf } from "@aivillage/middleware";

import { type ForwardingReport, readForwarded, readXForwarded } from "./forwarding-report.ts";

interface ForwardedSettings {
  readonly clientIp: ((req: IncomingMessage) => string | undefined) | undefined;
  readonly forwardedHeader: "X-Forwarded-For" | "Forwarded";
}

/**
 * Adds `X-Forwarded-For`, `-Proto`, `-Host` and `Forwarded` (RFC 7239) to a flat list of names and values.
 *
 * All four agree (RFC 7239, 7.4): the addresses that the request passed, and the protocol and host that the client used. For a trusted
 * peer, its own report continues with the peer as the newest address. For any other peer, the report begins with the client.
 */
export function pushForwarded(fields: string[], req: IncomingMessage, trusted: boolean, settings: ForwardedSettings): void {
  const { nodes, proto, host } = trusted ? continued(req, settings) : begun(req, settings);
  fields.push("X-Forwarded-Proto", proto);
  if (nodes.length > 0) fields.push("X-Forwarded-For", nodes.length === 1 ? (nodes[0] ?? "") : nodes.join(", "));
  if (host !== undefined) fields.push("X-Forwarded-Host", host);
  fields.push("Forwarded", forwarded(nodes, proto, host));
}

interface CompleteReport extends ForwardingReport {
  readonly proto: string;
}

function begun(req: IncomingMessage, { clientIp }: ForwardedSettings): CompleteReport {
  const node = clientIp?.(req) ?? peerOf(req);
  return { nodes: node === undefined ? [] : [node], proto: protoOf(req), host: hostOf(req) };
}

function continued(req: IncomingMessage, settings: ForwardedSettings): CompleteReport {
  const reported = settings.forwardedHeader === "Forwarded" ? readForwarded(req.headers) : readXForwarded(req.headers);
  const { proto = protoOf(req), host = hostOf(req) } = reported;
  const peer = peerOf(req);
  // A trusted proxy that reported no address still reports for its client.
  if (reported.nodes.length === 0) return { nodes: begun(req, settings).nodes, proto, host };
  return { nodes: peer === undefined ? reported.nodes : [...reported.nodes, peer], proto, host };
}

/** Protocol and host belong in the first element, because they are those that the client used. */
function forwarded([first, ...others]: readonly string[], proto: string, host: string | undefined): string {
  let text = `for=${forwardedNode(first)}${hostParameter(host)};proto=${proto}`;
  for (const node of others) text += `, for=${forwardedNode(node)}`;
  return text;
}

/** A node in the syntax of RFC 7239, 6: IPv6 in brackets, and anything but a token in quotes. */
function forwardedNode(node: string | undefined): string {
  if (node === undefined) return "unknown";
  if (node === lastNode) return lastNodeText;
  lastNode = node;
  lastNodeText = isIP(node) === 6 ? `"[${withoutZone(node)}]"` : quoted(node);
  return lastNodeText;
}

/** A client tends to send several requests in a row. */
let lastNode: string | undefined;
let lastNodeText = "";

/** Most requests name the same host as the previous one. */
let lastHost: string | undefined;
let lastParameter = "";

function hostParameter(host: string | undefined): string {
  if (host === lastHost) return lastParameter;
  lastHost = host;
  lastParameter = host === undefined ? "" : `;host=${quoted(host)}`;
  return lastParameter;
}

/** A token unchanged, anything else as a quoted string. */
function quoted(value: string): string {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

function protoOf(req: IncomingMessage): string {
  return (req.socket as { encrypted?: boolean }).encrypted === true ? "https" : "http";
}

/** The address of the peer. IPv4 on an IPv6 socket is written as IPv4; a zone is left out, for which RFC 7239 has no syntax. */
function peerOf(req: IncomingMessage): string | undefined {
  const address = req.socket.remoteAddress;
  return address && (canonicalAddress(address) ?? address);
}

/** A zone is meaningful on one machine only, and RFC 7239 has no syntax for it. */
function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return zone === -1 ? address : address.slice(0, zone);
}
