import type { IncomingMessage, ServerResponse } from "node:http";

import type { Handler } from "@aivillage/middleware";

import { clientIp, type ClientIpOptions, getClientIp, isFromTrustedProxy } from "../src/index.ts";

/** Runs the middleware for a peer that loopback sockets cannot have. */
export function resolve(options: ClientIpOptions, peer: string | undefined, headers: Record<string, string> = {}) {
  return run(clientIp(options), peer, headers);
}

export function run(handler: Handler, peer: string | undefined, headers: Record<string, string> = {}) {
  const req = { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
  let handedOn = 0;
  handler(req, {} as ServerResponse, () => void (handedOn += 1));
  return { ip: getClientIp(req), trusted: isFromTrustedProxy(req), handedOn };
}

/** The address that the middleware finds when proxy 10.0.0.1 reports this. */
export function reported(header: NonNullable<ClientIpOptions["header"]>, value: string): string | undefined {
  return resolve({ header, trustedProxies: ["10.0.0.0/8"] }, "10.0.0.1", { [header.toLowerCase()]: value }).ip;
}
