import type { IncomingMessage } from "node:http";

import { clientNetwork } from "@aivillage/middleware";

/** The options that identify a client. */
export interface ClientSettings {
  readonly client: ((req: IncomingMessage) => string | undefined) | undefined;
  readonly clientIp: ((req: IncomingMessage) => string | undefined) | undefined;
}

/** The client that sent a request: as the option `client` names it, otherwise the network of its address. */
export type ClientOf = (req: IncomingMessage) => string;

export function prepareClientOf({ client, clientIp }: ClientSettings): ClientOf {
  return (req) => client?.(req) ?? clientNetwork(clientIp?.(req) ?? req.socket.remoteAddress);
}
