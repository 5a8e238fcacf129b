import { type IncomingMessage, type RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { optionError } from "../option-error.ts";
import { endConnection } from "../refuse-connection.ts";
import { requestValue } from "../request-value.ts";
import { claimUpgrade } from "./claim-upgrade.ts";
import { ignoreUpgrade, offeredProtocol } from "./ignore-upgrade.ts";

/** A request to switch protocols that a handler may grant. */
export interface PendingUpgrade {
  /** The requested protocol in lower case, such as `websocket`. */
  readonly protocol: string;
  readonly socket: Duplex;
  /** What the client has sent after its request. */
  readonly head: Buffer;
}

const pending = requestValue<PendingUpgrade>("@aivillage/middleware.pendingUpgrade");

/** The pending switch of protocols of a request that `upgradeListener()` has passed to the handlers; `undefined` for all others. */
export function getPendingUpgrade(req: IncomingMessage): PendingUpgrade | undefined {
  return pending.get(req);
}

/**
 * Sends requests to switch protocols through the handlers of an app: `server.on("upgrade", upgradeListener(app))`.
 *
 * They pass authentication, limits and mount paths like any other request. A handler that can switch, such as `downstreamProxy()`, finds
 * the connection with `getPendingUpgrade()`. If the app responds instead, its response is sent and the connection closes. Offers of other
 * protocols than `protocols` are ignored, and so are all in HTTP/1.0: the request is handled as an ordinary one (RFC 9110, 7.8).
 *
 * @param app the listener that the server has for requests, such as an Express app
 * @param protocols the protocols that the app may switch to; default: `websocket`
 * @throws TypeError when `app` is not a function
 */
export function upgradeListener(app: RequestListener, protocols: readonly string[] = ["websocket"]) {
  if (typeof app !== "function") throw optionError("@aivillage/middleware", "app", "a function", app);
  const known = new Set(protocols.map((name) => name.toLowerCase()));

  return function onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const protocol = offeredProtocol(req);
    claimUpgrade(req, socket, () => {
      if (!known.has(protocol) && ignoreUpgrade(req, socket, head)) return;
      pending.set(req, { protocol, socket, head });
      app(req, makeResponse(req, socket));
    });
  };
}

/** Node provides no response object for such a request. */
function makeResponse(req: IncomingMessage, socket: Duplex): ServerResponse {
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket as Socket);
  socket.on("drain", () => res.emit("drain"));
  res.once("finish", () => endConnection(socket));
  return res;
}
