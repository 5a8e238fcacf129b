import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Headers of the offer. `HTTP2-Settings` belongs to one of HTTP/2 (RFC 7540, 3.2.1). */
const ofTheOffer: ReadonlySet<string> = new Set(["upgrade", "http2-settings"]);

/** The protocol that a request offers to switch to, in lower case; empty for HTTP/1.0, where `Upgrade` must be ignored (RFC 9110, 7.8). */
export function offeredProtocol({ headers, httpVersion }: IncomingMessage): string {
  return httpVersion === "1.0" ? "" : (headers.upgrade?.toLowerCase() ?? "");
}

/**
 * Handles a request as if it had not offered to switch protocols, which a server may do (RFC 9110, 7.8). Clients such as Java's `HttpClient`
 * and `curl --http2` offer HTTP/2 with ordinary requests.
 *
 * The connection goes back to the server with the same request, without the offer. False if it belongs to no server.
 */
export function ignoreUpgrade(req: IncomingMessage, socket: Duplex & { server?: Server }, head: Buffer): boolean {
  const { server } = socket;
  if (server === undefined) return false;
  socket.unshift(Buffer.concat([Buffer.from(headWithoutOffer(req), "latin1"), head]));
  server.emit("connection", socket as Socket);
  return true;
}

function headWithoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const value = rawHeaders[index + 1] ?? "";
    if (!ofTheOffer.has(name.toLowerCase()))
      head += `${name}: ${name.toLowerCase() === "connection" ? withoutOffer(value, httpVersion) : value}\r\n`;
  }
  return `${head}\r\n`;
}

/** What `Connection` says beside the offer, such as `keep-alive`. */
function withoutOffer(connection: string, httpVersion: string): string {
  const options = connection.split(",").map((option) => option.trim());
  return (
    options.filter((option) => option !== "" && !ofTheOffer.has(option.toLowerCase())).join(", ") ||
    (httpVersion === "1.0" ? "close" : "keep-alive")
  );
}
