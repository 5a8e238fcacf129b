import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

/** A peer that is no trusted proxy sent a forwarding header. */
export interface ForwardingHeaderIgnored {
  req: IncomingMessage;
  /** Address of the peer; `undefined` for a Unix domain socket. */
  peer: string | undefined;
  header: "x-forwarded-for" | "forwarded";
}

/**
 * Published by each `clientIp()` for the first such request. The peer may be a client, or a proxy that is missing in `trustedProxies`, so that all
 * its clients count as one.
 */
export const forwardingHeaderIgnored = event<ForwardingHeaderIgnored>("aivillage:client-ip:forwarding-header-ignored");

/** Makes the function that reports the first forwarding header of an untrusted peer, once somebody listens. */
export function reportFirstIgnored(): (req: IncomingMessage) => void {
  let isReported = false;
  return (req) => {
    if (isReported || !forwardingHeaderIgnored.hasSubscribers) return;
    const header = forwardingHeader(req);
    if (header === undefined) return;
    isReported = true;
    forwardingHeaderIgnored.publish({ req, peer: req.socket.remoteAddress, header });
  };
}

function forwardingHeader({ headers }: IncomingMessage): ForwardingHeaderIgnored["header"] | undefined {
  if (headers["x-forwarded-for"] !== undefined) return "x-forwarded-for";
  return headers.forwarded === undefined ? undefined : "forwarded";
}
