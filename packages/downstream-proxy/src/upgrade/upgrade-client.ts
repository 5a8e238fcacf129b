import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { inContext, markResponseDelivered, type Next, passError, refuseConnection } from "@aivillage/middleware";

import type { Settings } from "../options/read-options.ts";

/** Headers as `getHeaders()` returns them. */
type GivenHeaders = Readonly<Record<string, number | string | readonly string[] | undefined>>;

/** Receives the outcome of a request to switch protocols, beside the bytes on its connection. */
export interface UpgradeClient {
  /** Headers of a refusal. They override those of the target. */
  headers(): GivenHeaders;
  /** The head of a response is written to the connection. */
  began(status: number): void;
  /** The response is complete: the protocol has changed, or a refusal has been written to its end. */
  delivered(): void;
  /** Nothing was written, and this is why. */
  refuse(error: unknown): void;
}

/** For a listener for `upgrade`, to which Node gives no response object. */
export function bareClient(socket: Duplex, { problemTypeUri: typeUri, refusalHeaders: headers }: Settings): UpgradeClient {
  return {
    headers: () => headers,
    began: () => undefined,
    delivered: () => undefined,
    refuse: (error) => {
      if (!socket.destroyed) refuseConnection(socket, error, { typeUri, headers });
    },
  };
}

/** For a handler: earlier ones have set headers, and logs and metrics read the status. */
export function handledClient(req: IncomingMessage, res: ServerResponse, next: Next): UpgradeClient {
  const refuse = inContext(next);
  return {
    headers: () => res.getHeaders(),
    began: (status) => {
      res.statusCode = status;
    },
    delivered: () => markResponseDelivered(req),
    refuse: (error) => {
      if (!res.destroyed) passError(error, res, refuse);
    },
  };
}
