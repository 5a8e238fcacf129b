import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { hasBody } from "@aivillage/middleware";

import { noBody } from "../body/body-source.ts";
import type { ProxyContext } from "../exchange/proxy-context.ts";
import { malformedRequest, notImplemented } from "../report/errors.ts";
import { refuseAmbiguous } from "../request/request-guard.ts";
import type { MakeRequestHeaders } from "../request/request-headers.ts";
import { requestTarget } from "../request/request-target.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { Tunnel, type UpgradeRequest } from "./tunnel.ts";

/** Makes the listener for `upgrade` of a server. Target and headers follow the same rules as in ordinary requests. */
export function prepareUpgrade(context: ProxyContext, makeHeaders: MakeRequestHeaders) {
  const { upgrades } = context.settings;
  const usesRequestTarget = context.targets[0]?.path === undefined;

  function makeTunnel(request: UpgradeRequest): Tunnel {
    const { req, protocol } = request;
    if (!upgrades.has(protocol)) throw notImplemented("The requested upgrade protocol is not supported.");
    if (req.method !== "GET") throw notImplemented("Only a GET request can switch protocols.");
    refuseAmbiguous(req);
    if (hasBody(req)) throw malformedRequest("A request that switches protocols must not have a body.");
    const path = usesRequestTarget ? requestTarget(req, context.settings.path) : "";
    return new Tunnel(context, request, { method: "GET", path, body: noBody, headers: makeHeaders(req, noBody), upgrade: protocol });
  }

  return function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket.destroyed) return;
    // Without a listener an error of the client's connection would end the process.
    socket.on("error", () => undefined);
    const protocol = req.headers.upgrade?.toLowerCase() ?? "";
    let tunnel: Tunnel;
    try {
      tunnel = context.running.enter(req, () => makeTunnel({ req, socket, head, protocol }));
    } catch (error) {
      return refuseUpgrade(socket, error, context.settings);
    }
    tunnel.start();
  };
}
