import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { announcesBody, noBody } from "../body/body-source.ts";
import type { ProxyContext } from "../exchange/proxy-context.ts";
import { refuseConcurrent } from "../exchange/refuse-concurrent.ts";
import { malformedRequest, notImplemented } from "../report/errors.ts";
import { refuseAmbiguous } from "../request/request-guard.ts";
import type { MakeRequestHeaders } from "../request/request-headers.ts";
import { requestTarget } from "../request/request-target.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { Tunnel, type UpgradeRequest } from "./tunnel.ts";

/** Makes the listener for `upgrade` of a server. The rules for target and fields are those of ordinary requests. */
export function prepareUpgrade(context: ProxyContext, makeHeaders: MakeRequestHeaders) {
  const { upgrades } = context.settings;
  const usesRequestTarget = context.routes[0]?.path === undefined;

  function makeTunnel(request: UpgradeRequest): Tunnel {
    const { req, protocol } = request;
    if (!upgrades.has(protocol)) throw notImplemented("The protocol that is asked for in Upgrade is not forwarded.");
    if (req.method !== "GET") throw notImplemented("Only a GET request can change the protocol.");
    refuseAmbiguous(req);
    if (announcesBody(req)) throw malformedRequest("A request that changes the protocol must not have a body.");
    const path = usesRequestTarget ? requestTarget(req, context.settings.path) : "";
    return new Tunnel(context, request, { method: "GET", path, body: noBody, headers: makeHeaders(req, noBody), upgrade: protocol });
  }

  return function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket.destroyed) return;
    // Without a listener the failure of a client's connection would end the process.
    socket.on("error", () => undefined);
    const protocol = req.headers.upgrade?.toLowerCase() ?? "";
    let tunnel: Tunnel | undefined;
    try {
      tunnel = context.running.enter(req, () => makeTunnel({ req, socket, head, protocol }));
    } catch (error) {
      return refuseUpgrade(socket, error, context.settings);
    }
    if (tunnel === undefined) return refuseUpgrade(socket, refuseConcurrent(context, req), context.settings);
    tunnel.start();
  };
}
