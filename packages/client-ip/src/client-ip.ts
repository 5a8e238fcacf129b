import type { IncomingMessage } from "node:http";

import { canonicalAddress, type Handler, requestValue } from "@aivillage/middleware";

import { reportFirstIgnored } from "./events.ts";
import { readForwardedFor } from "./forwarded-for.ts";
import { readForwarded } from "./forwarded.ts";
import { type ClientIpOptions, readClientIpOptions } from "./options.ts";
import { makeTrust } from "./trusted-proxies.ts";

interface Client {
  readonly address: string;
  readonly fromTrustedProxy: boolean;
}

const client = requestValue<Client>("@aivillage/client-ip.client");

/** Longer chains of proxies do not exist; what is left of the rest is not looked at. */
const maxHops = 32;

/**
 * The canonical address of the client; `undefined` when `clientIp()` has not run or the connection has no peer address, as
 * with a Unix domain socket.
 */
export function getClientIp(req: IncomingMessage): string | undefined {
  return client.get(req)?.address;
}

/** Whether the peer of the connection is one of the trusted proxies, and its other forwarding headers may be believed too. */
export function isFromTrustedProxy(req: IncomingMessage): boolean {
  return client.get(req)?.fromTrustedProxy ?? false;
}

/**
 * Makes the middleware that finds out the address of the client behind trusted proxies.
 *
 * The header is walked from the right: the first address that is no trusted proxy is the client. An entry that names no
 * address ends the walk at the last one that did; headers from anyone else are ignored.
 *
 * @throws OptionError for an unknown or bad option
 */
export function clientIp(options?: ClientIpOptions): Handler {
  const { trustedProxies, header } = readClientIpOptions(options);
  const isTrusted = makeTrust(trustedProxies);
  const field = header.toLowerCase();
  const reportIgnored = reportFirstIgnored();
  const readHops = header === "Forwarded" ? readForwarded : readForwardedFor;

  function walk(peer: string, reported: string): string {
    let address = peer;
    for (const hop of readHops(reported, maxHops)) {
      if (hop === undefined) return address;
      address = hop;
      if (!isTrusted(hop)) return address;
    }
    return address;
  }

  return function clientIpHandler(req, _res, next) {
    const peer = canonicalAddress(req.socket.remoteAddress ?? "");
    const fromTrustedProxy = peer !== undefined && isTrusted(peer);
    if (!fromTrustedProxy) reportIgnored(req);
    if (peer !== undefined) {
      const reported = fromTrustedProxy ? req.headers[field] : undefined;
      client.set(req, { address: typeof reported === "string" ? walk(peer, reported) : peer, fromTrustedProxy });
    }
    next();
  };
}
