import type { Server } from "node:http";
import type { Socket } from "node:net";

import { endConnection, HttpProblem, soon } from "@aivillage/middleware";

import { clientDropped } from "../events.ts";
import { canBeReplaced, type Refuse, requestIdOf } from "../refusals/refuse.ts";
import { type Connection, isWaiting } from "./connection.ts";
import { otherProtocol } from "./other-protocol.ts";

const malformed = new HttpProblem({
  status: 400,
  type: "malformed-request",
  title: "Malformed request",
  detail: "This is not a well-formed HTTP request.",
});

const timedOut = "ERR_HTTP_REQUEST_TIMEOUT";

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
    timedOut,
    new HttpProblem({ status: 408, type: "request-timeout", title: "Request timeout", detail: "The request did not arrive in time." }),
  ],
]);

/** What Node's parser reports, with the bytes that it could not read. */
type ParseError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

interface Tools {
  readonly server: Server;
  readonly refuse: Refuse;
}

/**
 * Refuses what is not a valid HTTP request with a problem document, and closes the connection. Listener of the server's `clientError`.
 *
 * Responses to earlier requests are sent first. What follows a request with `Connection: close` is ignored (RFC 9112, 9.6).
 */
export function refuseClientError(error: ParseError, socket: Socket, connection: Connection | undefined, tools: Tools): void {
  if (error.code === "ECONNRESET") return void socket.destroy();
  // The last bytes are on their way; what comes now gets no response.
  if (socket.writableEnded) return;
  // It is not slow, but waits for the responses before its own; how fast its body comes is looked at when it has its turn.
  if (error.code === timedOut && connection?.latest !== undefined && isWaiting(connection.latest)) return;
  if (connection?.latest?.req.complete === true && connection.isEnding && !connection.isIdle) return;
  report(error, socket, tools.server);
  refuseAfterResponses(socket, problems.get(error.code) ?? malformed, connection, tools.refuse);
}

function refuseAfterResponses(socket: Socket, problem: HttpProblem, connection: Connection | undefined, refuse: Refuse): void {
  const latest = connection?.latest;
  if (connection === undefined || latest === undefined) return refuse(socket, problem);
  connection.end();
  if (connection.isIdle) return refuse(socket, problem);
  if (latest.req.complete) return void latest.res.once("close", () => refuse(socket, problem));
  if (canBeReplaced(latest.res)) refuse(socket, problem, requestIdOf(latest.res));
  // A refusal that came before its body has been written, but is not on its way yet.
  else soon(() => endConnection(socket));
}

function report({ code, rawPacket }: ParseError, { remoteAddress: address }: Socket, server: Server): void {
  if (!clientDropped.hasSubscribers) return;
  if (code === timedOut) return clientDropped.publish({ server, address, reason: "slow-request" });
  const protocol = rawPacket === undefined ? undefined : otherProtocol(rawPacket);
  clientDropped.publish({ server, address, reason: "malformed", ...(protocol !== undefined && { protocol }) });
}
