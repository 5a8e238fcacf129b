/** Headers that concern one connection only and are never forwarded (RFC 9110, 7.6.1), in lower case. */
export const hopByHop: readonly string[] = [
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const none: ReadonlySet<string> = new Set();

/** The headers that `Connection` declares to concern this connection only, in lower case. */
export function connectionOptions(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === "keep-alive" || connection === "close") return none;
  return new Set(connection.split(",").map((name) => name.trim().toLowerCase()));
}
