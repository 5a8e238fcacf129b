import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";

import { answerClientError } from "./client-error.ts";

/** A client that takes nothing of its answer for so long is cut off. */
const stalledWriteMs = 20_000;

/**
 * The time a client may take: 15 s for the head, 5 min for the whole request, 65 s between requests, looked at every 2 s. The
 * parts that read bodies have shorter limits of their own.
 */
const limits = {
  headersTimeout: 15_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
};

/** Makes the HTTP server: it survives clients that send or read slowly, or that do not speak HTTP. */
export function makeServer(handler: RequestListener, maxConnections: number): Server {
  const server = createServer(limits, handler);
  server.maxConnections = maxConnections;
  server.timeout = stalledWriteMs;
  server.on("timeout", onIdle);
  server.on("clientError", answerClientError);
  return server;
}

/**
 * A connection has moved no byte for its time. That ends one that waits for its next request, whose time is `keepAliveTimeout`,
 * and one that does not take its answer; an answer that is still being made, such as a stream of events, may take its time.
 */
function onIdle(socket: Socket): void {
  const isAnswering = socket.timeout === stalledWriteMs;
  if (isAnswering && socket.writableLength === 0) socket.setTimeout(stalledWriteMs);
  else socket.destroy();
}
