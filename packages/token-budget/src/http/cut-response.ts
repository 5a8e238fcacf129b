import type { ServerResponse } from "node:http";

import { cutShort } from "@aivillage/middleware";

/** How long a client may take to receive the last event. */
const lastEventMs = 2_000;

/** Sends a last event, if the response has begun, and cuts the connection, so that the response never looks whole. What is written later is dropped. */
export function cutResponse(res: ServerResponse, event: string): void {
  if (!res.headersSent) return cutShort(res);
  const write = res.write.bind(res);
  const destroy = (): void => cutShort(res);
  // False asks the writer to wait, until the response closes.
  Object.assign(res, { write: () => false, end: () => res });
  const timer = setTimeout(destroy, lastEventMs).unref();
  res.once("close", () => clearTimeout(timer));
  write(event, destroy);
}
