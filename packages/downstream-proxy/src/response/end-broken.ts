import type { ServerResponse } from "node:http";

import { cutShort } from "./cut-short.ts";
import { flushCompression } from "./flush-compression.ts";

/**
 * How long the client has to read the last bytes before the connection is cut. Clients such as `fetch()` throw away what they have not read
 * when a connection is cut, and the last bytes tell them why.
 */
const readMs = 5_000;

/** How long the connection may take to send them. */
const sendMs = 5_000;

/** Ends a response that cannot be completed with bytes that say so, then cuts it, so that no client takes it for complete. */
export function endBroken(res: ServerResponse, last: Buffer): void {
  const cut = (): void => cutShort(res);
  let timer = setTimeout(cut, sendMs).unref();
  res.once("close", () => clearTimeout(timer));
  res.write(last, () => {
    clearTimeout(timer);
    if (!res.destroyed) timer = setTimeout(cut, readMs).unref();
  });
  flushCompression(res);
}
