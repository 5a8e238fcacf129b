import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { HttpProblem, LeanResponse } from "@aivillage/middleware";

import { headProblem } from "./refusals/check-head.ts";
import type { ConnectionLimited } from "./events.ts";
import { answerClientError } from "./connections/client-error.ts";
import { type ClientTimes, clientTimes } from "./options.ts";
import { type ConnectionLimitSettings, ConnectionLimits } from "./connections/connection-limits.ts";
import { Connections } from "./connections/connections.ts";
import { refuse } from "./refusals/refuse.ts";
import { onSilence } from "./connections/pace-watch.ts";

/** How a server treats its clients. */
export interface ServerSettings {
  readonly limits: ConnectionLimitSettings;
  /** Called when a limit of connections or of pipelined requests was reached. */
  readonly onLimited: (reached: ConnectionLimited) => void;
  readonly times?: ClientTimes;
}

const maxHeaderSize = 16_384;

const noTunnel = new HttpProblem({ status: 405, type: "method-not-allowed", detail: "This server opens no tunnels." });

/** Makes the HTTP server: it survives clients that send or read slowly, pipeline, hold many connections, or do not speak HTTP. */
export function makeServer(handler: RequestListener, { limits, onLimited, times = clientTimes }: ServerSettings): Server {
  const server = createServer({
    ServerResponse: LeanResponse,
    maxHeaderSize,
    // Node would respond by itself, without what makes a response one of the gateway.
    requireHostHeader: false,
    headersTimeout: times.headMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: times.checkMs,
  });
  // Node would leave out those beyond 2,000 without a word, a `Host` or `Transfer-Encoding` among them. The size bounds them.
  server.maxHeadersCount = 0;
  const connections = new Connections(handler, new ConnectionLimits(limits, onLimited), { pace: times, onLimited });
  const clock = times.now ?? (() => performance.now());
  const timer = setInterval(() => connections.check(clock()), times.intervalMs).unref();
  const listener: RequestListener = (req, res) => connections.take(req, res);
  server.on("connection", (socket: Socket) => connections.open(socket));
  // A client that asks before it sends a body is answered by whatever reads the body, so that a refusal costs no upload. One that
  // expects anything else is refused by the gateway and not by Node.
  server.on("request", listener).on("checkContinue", listener).on("checkExpectation", listener);
  server.on("connect", (req, socket: Duplex) => refuse(socket, headProblem(req) ?? noTunnel));
  server.on("clientError", (error: Error, socket: Socket) => answerClientError(error, socket, connections.get(socket)));
  server.on("timeout", (socket: Socket) => onSilence(socket, times.stalledWriteMs));
  server.on("close", () => clearInterval(timer));
  return server;
}
