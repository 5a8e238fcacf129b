import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { LeanResponse } from "@aivillage/middleware";

import { answerClientError, refuse } from "./client-error.ts";
import { endSlowClients, type Pace } from "./slow-clients.ts";

/** How long the server waits for clients. */
export interface ClientTimes extends Pace {
  /** For the head of a request, which is looked at every `checkMs`. */
  readonly headMs: number;
  /** For the whole request. */
  readonly requestMs: number;
  /** Between two requests: longer than load balancers keep theirs, or they send one into a connection that is just closed. */
  readonly keepAliveMs: number;
  readonly checkMs: number;
}

const clientTimes: ClientTimes = {
  headMs: 15_000,
  requestMs: 300_000,
  keepAliveMs: 65_000,
  checkMs: 2_000,
  intervalMs: 1_000,
  bodyWindowMs: 15_000,
  bodyWindowBytes: 10_240,
  stalledWriteMs: 10_000,
  slowWriteMs: 15_000,
  waitingBytesPerMs: 32,
};

const maxHeaderSize = 16_384;

/** Makes the HTTP server: it survives clients that send or read slowly, or that do not speak HTTP. */
export function makeServer(handler: RequestListener, maxConnections: number, times: ClientTimes = clientTimes): Server {
  const server = createServer({
    ServerResponse: LeanResponse,
    maxHeaderSize,
    // Node would answer by itself, past everything that makes an answer one of the gateway.
    requireHostHeader: false,
    headersTimeout: times.headMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: times.checkMs,
  });
  server.maxConnections = maxConnections;
  const onRequest = endSlowClients(server, times);
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    onRequest(req, res);
    handler(req, res);
  };
  // A client that asks before it sends a body is answered by whoever wants the body, so that a refusal costs no upload. One that
  // expects anything else is refused by the gateway and not by Node.
  server.on("request", listener).on("checkContinue", listener).on("checkExpectation", listener);
  server.on("connect", refuseTunnel);
  server.on("clientError", answerClientError);
  return server;
}

function refuseTunnel(_req: IncomingMessage, socket: Duplex): void {
  refuse(socket, 405, "This server opens no tunnels.");
}
