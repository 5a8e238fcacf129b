import type { ServerResponse } from "node:http";

import { cutShort } from "@aivillage/middleware";

import { flushCompression } from "./flush-compression.ts";

/** How long the connection may take to send the last bytes. */
const sendMs = 5_000;

/**
 * Ends a response that cannot be completed with bytes that say so.
 *
 * The connection is not cut: clients such as `fetch()` and browsers throw away what they have not read when it is, and with it the reason.
 */
export function endBroken(res: ServerResponse, last: Buffer): void {
  const timer = setTimeout(cutShort, sendMs, res).unref();
  res.once("close", () => clearTimeout(timer)).once("finish", () => clearTimeout(timer));
  res.end(last);
  flushCompression(res);
}
