import type { Duplex } from "node:stream";

import { endConnection, HttpProblem } from "@aivillage/middleware";

import { type Connection, isWaiting } from "./connection.ts";
import { canBeReplaced, refuse, requestIdOf } from "../refusals/refuse.ts";

const malformed = new HttpProblem({
  status: 400,
  type: "malformed-request",
  title: "Malformed request",
  detail: "This is not a well-formed HTTP request.",
});

const problems: ReadonlyMap<string | undefined, HttpProblem> = new Map([
  ["HPE_HEADER_OVERFLOW", new HttpProblem({ status: 431, detail: "The header fields are larger than this server accepts." })],
  [
    "HPE_CHUNK_EXTENSIONS_OVERFLOW",
    new HttpProblem({
      status: 413,
      type: "payload-too-large",
      title: "Payload too large",
      detail: "The chunk extensions are larger than this server accepts.",
    }),
  ],
  [
    "ERR_HTTP_REQUEST_TIMEOUT",
    new HttpProblem({ status: 408, type: "request-timeout", title: "Request timeout", detail: "The request did not arrive in time." }),
  ],
]);

/**
 * Refuses what is no HTTP request with a problem document, and closes the connection. Listener of the server's `clientError`.
 *
 * Responses to earlier requests are sent first. What follows a request with `Connection: close` is ignored (RFC 9112, 9.6).
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, connection: Connection | undefined): void {
  if (error.code === "ECONNRESET") return void socket.destroy();
  // The last bytes are on their way; what comes now has no response.
  if (socket.writableEnded) return;
  const problem = problems.get(error.code) ?? malformed;
  const latest = connection?.latest;
  if (connection === undefined || latest === undefined) return refuse(socket, problem);
  // It is not slow, but waits for the responses before its own; how fast its body comes is looked at when it has its turn.
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isWaiting(latest)) return;
  if (connection.isEnding && !connection.isIdle && latest.req.complete) return;
  connection.end();
  if (connection.isIdle) return refuse(socket, problem);
  if (latest.req.complete) return void latest.res.once("close", () => refuse(socket, problem));
  if (canBeReplaced(latest.res)) refuse(socket, problem, requestIdOf(latest.res));
  // A refusal that came before its body has been written, but is not on its way yet.
  else setImmediate(() => endConnection(socket));
}
