import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { continueOnRead, HttpProblem, optionError } from "@aivillage/middleware";

import { refuseClientError } from "./connections/client-error.ts";
import { Connections } from "./connections/connections.ts";
import { onSilence } from "./connections/pace-watch.ts";
import { clientDropped } from "./events.ts";
import { LeanResponse } from "./lean-response.ts";
import { type HttpServerOptions, type ReadOptions, readHttpServerOptions } from "./options.ts";
import { packageName } from "./package-name.ts";
import { headProblem } from "./refusals/check-head.ts";
import { refuseBadHeads } from "./refusals/refuse-bad-heads.ts";
import { makeRefuse } from "./refusals/refuse.ts";

const noTunnel = new HttpProblem({ status: 405, type: "method-not-allowed", detail: "This server opens no tunnels." });

/**
 * Makes a `node:http` server that clients cannot exhaust by sending or reading slowly, pipelining, holding many connections, or sending
 * what is not HTTP. It is a plain `Server`: call `listen()`, and `stopServer()` at the end.
 *
 * @param handler an Express, Connect or Koa app (`app.callback()`), or any listener for `createServer()`
 * @throws OptionError when `handler` is not a function, and for an unknown or bad option
 */
export function httpServer(handler: RequestListener, options?: HttpServerOptions): Server {
  if (typeof handler !== "function") throw optionError(packageName, "handler", "a function (of a Koa app: `app.callback()`)", handler);
  const settings = readHttpServerOptions(options);
  const server = makeServer(settings);
  const listener = settings.checkHead ? refuseBadHeads(handler, settings) : handler;
  const refuse = makeRefuse(settings);
  const connections = new Connections(listener, { server, settings, refuse });
  const timer = setInterval(() => connections.check(settings.now()), settings.checkIntervalMs).unref();

  const take: RequestListener = (req, res) => connections.take(req, res);
  server.on("connection", (socket: Socket) => connections.open(socket));
  server.on("request", take).on("checkExpectation", take);
  server.on("checkContinue", (req, res) => {
    continueOnRead(req, res);
    take(req, res);
  });
  server.on("connect", (req, socket: Duplex) => refuse(socket, headProblem(req) ?? noTunnel));
  server.on("clientError", (error: Error, socket: Socket) => refuseClientError(error, socket, connections.get(socket), { server, refuse }));
  server.on("timeout", (socket: Socket) => onTimeout(server, socket, connections.get(socket)?.isIdle === true, settings));
  server.on("close", () => clearInterval(timer));
  handOverUpgrades(server, connections);
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    closeIdle();
    connections.closeSilent(settings.now());
  };
  return server;
}

function makeServer({
  leanResponse,
  maxHeaderBytes,
  headTimeoutMs,
  requestTimeoutMs,
  keepAliveTimeoutMs,
  checkIntervalMs,
}: ReadOptions): Server {
  const server = createServer({
    ...(leanResponse && { ServerResponse: LeanResponse }),
    maxHeaderSize: maxHeaderBytes,
    // Node would respond by itself, without a problem document and without the handler's access log.
    requireHostHeader: false,
    headersTimeout: headTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: 2 * checkIntervalMs,
  });
  // Node would silently leave out headers beyond 2,000, a `Host` or `Transfer-Encoding` among them. The size bounds them.
  server.maxHeadersCount = 0;
  return server;
}

function onTimeout(server: Server, socket: Socket, isIdle: boolean, { stalledResponseMs }: ReadOptions): void {
  const { remoteAddress: address } = socket;
  const isStalled = onSilence(socket, { isIdle, stalledResponseMs });
  if (isStalled && clientDropped.hasSubscribers) clientDropped.publish({ server, address, reason: "slow-response" });
}

/** Node hands a connection over to a listener for `upgrade` only if there is one, so ours is added with the first of somebody else. */
function handOverUpgrades(server: Server, connections: Connections): void {
  server.on("newListener", function onNewListener(name) {
    if (name !== "upgrade") return;
    server.off("newListener", onNewListener);
    server.prependListener("upgrade", ({ socket }) => connections.handOver(socket));
    const closeOthers = server.closeAllConnections.bind(server);
    server.closeAllConnections = () => {
      closeOthers();
      connections.cutHandedOver();
    };
  });
}
