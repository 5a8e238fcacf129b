import type { IncomingMessage } from "node:http";

import { clientNetwork } from "@aivillage/middleware";

interface ClientSettings {
  readonly client: ((req: IncomingMessage) => string | undefined) | undefined;
  readonly clientIp: ((req: IncomingMessage) => string | undefined) | undefined;
}

/** Says which client sent a request: what the option `client` says, else the network of its address. */
export type ClientOf = (req: IncomingMessage) => string;

export function prepareClientOf({ client, clientIp }: ClientSettings): ClientOf {
  return (req) => client?.(req) ?? clientNetwork(clientIp?.(req) ?? req.socket.remoteAddress);
}
