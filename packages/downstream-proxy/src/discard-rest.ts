import type { IncomingMessage, ServerResponse } from "node:http";

const discardedBytes = 1_048_576;
const discardMs = 2_000;

/**
 * Reads away what the client still sends after its answer was complete, so that the connection can serve its next request.
 *
 * What is longer than 1 MiB or 2 s is not waited for: the connection is closed, once the answer has been written.
 */
export function discardRest(req: IncomingMessage, res: ServerResponse): void {
  if (req.readableEnded || req.destroyed) return;
  if (req.complete) return void req.resume();
  let left = discardedBytes;
  const cut = (): void => {
    if (res.writableFinished) req.destroy();
    else res.once("finish", () => req.destroy());
  };
  const timer = setTimeout(cut, discardMs).unref();
  req.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) cut();
  });
  req.once("close", () => clearTimeout(timer)).once("end", () => clearTimeout(timer));
  req.on("error", () => undefined).resume();
}
