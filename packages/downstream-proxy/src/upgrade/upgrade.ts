import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { claimUpgrade, getPendingUpgrade, hasBody, ignoreUpgrade, type Next, offeredProtocol } from "@aivillage/middleware";

import { noBody } from "../body/body-source.ts";
import type { ProxyContext } from "../exchange/proxy-context.ts";
import { malformedRequest, notImplemented } from "../report/errors.ts";
import { refuseAmbiguous } from "../request/request-guard.ts";
import type { MakeRequestHeaders } from "../request/request-headers.ts";
import { requestTarget } from "../request/request-target.ts";
import { Tunnel, type UpgradeRequest } from "./tunnel.ts";
import { bareClient, handledClient } from "./upgrade-client.ts";

/** How requests to switch protocols reach the proxy. */
export interface Upgrades {
  /** A listener for `upgrade` of a server. */
  readonly listener: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Takes a request that `upgradeListener()` has sent through the handlers; false for all others. */
  readonly take: (req: IncomingMessage, res: ServerResponse, next: Next) => boolean;
}

/** Target and headers follow the same rules as in ordinary requests. */
export function prepareUpgrades(context: ProxyContext, makeHeaders: MakeRequestHeaders): Upgrades {
  const { settings, running } = context;
  const { upgrades } = settings;
  const usesRequestTarget = context.targets[0]?.path === undefined;

  function makeTunnel(request: UpgradeRequest): Tunnel {
    const { req, protocol } = request;
    if (!upgrades.has(protocol)) throw notImplemented("The requested upgrade protocol is not supported.");
    if (req.method !== "GET") throw notImplemented("Only a GET request can switch protocols.");
    refuseAmbiguous(req);
    if (hasBody(req)) throw malformedRequest("A request that switches protocols must not have a body.");
    const path = usesRequestTarget ? requestTarget(req, settings.path) : "";
    return new Tunnel(context, request, { method: "GET", path, body: noBody, headers: makeHeaders(req, noBody), upgrade: protocol });
  }

  function begin(request: UpgradeRequest): void {
    let tunnel: Tunnel;
    try {
      tunnel = running.enter(request.req, () => makeTunnel(request));
    } catch (error) {
      return request.client.refuse(error);
    }
    tunnel.start();
  }

  return {
    listener(req, socket, head) {
      const protocol = offeredProtocol(req);
      claimUpgrade(req, socket, () => {
        if (!upgrades.has(protocol) && ignoreUpgrade(req, socket, head)) return;
        begin({ req, socket, head, protocol, client: bareClient(socket, settings) });
      });
    },
    take(req, res, next) {
      const pending = getPendingUpgrade(req);
      if (pending === undefined || !upgrades.has(pending.protocol)) return false;
      begin({ req, ...pending, client: handledClient(req, res, next) });
      return true;
    },
  };
}
