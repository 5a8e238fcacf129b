import type { IncomingMessage, Server, ServerResponse } from "node:http";

/**
 * Writes `100 Continue` when the body of a request with `Expect: 100-continue` is wanted, which is when there is a connection to the
 * target; `undefined` when there is nothing to write.
 *
 * Node answers by itself before any handler runs, unless the server listens to `checkContinue`. Then it is for the handler to do,
 * and a request that is refused costs the client no upload.
 */
export function continueWhenWanted(req: IncomingMessage, res: ServerResponse): (() => void) | undefined {
  if (req.headers.expect === undefined || req.httpVersionMinor === 0) return undefined;
  const { server } = req.socket as { server?: Server };
  if (server === undefined || server.listenerCount("checkContinue") === 0) return undefined;
  return () => {
    if (!res.headersSent && !res.destroyed) res.writeContinue();
  };
}
