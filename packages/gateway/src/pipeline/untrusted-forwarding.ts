import type { IncomingMessage } from "node:http";

import { isFromTrustedProxy } from "@aivillage/client-ip";
import type { Handler } from "@aivillage/middleware";

import type { GatewayLogger } from "../dependencies.ts";

const remedy =
  "if this peer is your proxy or load balancer, set TRUSTED_PROXIES to its address: until then all its clients count as one. " +
  "If it is a client, nothing is to be done: its header is ignored";

/** Warns of the first request whose forwarding header is ignored, since that is how a whole front end becomes one client. */
export function untrustedForwardingPart(logger: GatewayLogger): Handler {
  let hasWarned = false;
  return function untrustedForwardingHandler(req, _res, next) {
    if (!hasWarned) {
      const header = forwardingHeader(req);
      if (header !== undefined && !isFromTrustedProxy(req)) {
        hasWarned = true;
        logger.warn({ peer: req.socket.remoteAddress, header, remedy }, "forwarding header from an untrusted peer ignored");
      }
    }
    next();
  };
}

function forwardingHeader({ headers }: IncomingMessage): string | undefined {
  if (headers["x-forwarded-for"] !== undefined) return "x-forwarded-for";
  return headers.forwarded === undefined ? undefined : "forwarded";
}
