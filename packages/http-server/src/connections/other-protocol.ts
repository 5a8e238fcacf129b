import type { OtherProtocol } from "../events.ts";

const starts: readonly (readonly [string, OtherProtocol])[] = [
  // A handshake record (RFC 8446, 5.1).
  ["\x16\x03", "tls"],
  // The preface of a client that knows without asking (RFC 9113, 3.4).
  ["PRI * HTTP/2.0", "http2"],
  // Versions 1 and 2 of HAProxy's header.
  ["PROXY TCP", "proxy-protocol"],
  ["PROXY UNKNOWN", "proxy-protocol"],
  ["\r\n\r\n\0\r\nQUIT\n", "proxy-protocol"],
];
const longestStart = 16;

/** The protocol that bytes begin with which are not HTTP/1.1; `undefined` for none that front ends are set to by mistake. */
export function otherProtocol(bytes: Buffer): OtherProtocol | undefined {
  const text = bytes.toString("latin1", 0, longestStart);
  return starts.find(([start]) => text.startsWith(start))?.[1];
}
