import type { IncomingMessage } from "node:http";

/** The host that the client asked for: in HTTP/2 the pseudo-header `:authority` (RFC 9113, 8.3.1), otherwise `Host`. */
export function hostOf({ headers }: IncomingMessage): string | undefined {
  const authority = headers[":authority"];
  return typeof authority === "string" ? authority : headers.host;
}
