import type { ServerResponse } from "node:http";
import { Socket } from "node:net";

import { http2StreamOf } from "./http2-stream.ts";

type Listener = (this: ServerResponse) => void;

const listeners = Symbol.for("@aivillage/middleware.closeListeners");

type Watched = ServerResponse & { [listeners]?: Listener[] };

/**
 * Calls a listener once, when a response closes.
 *
 * However many handlers wait for the end of a response, it gets a single listener of Node's: adding and calling one costs more than what
 * most of them do.
 */
export function onResponseClose(res: Watched, listener: Listener): void {
  const known = res[listeners];
  if (known !== undefined) return void known.push(listener);
  res[listeners] = [listener];
  res.on("close", callListeners);
  // Hosts without connections, such as adapters of AWS Lambda, may emit only `finish`.
  if (!(res.req?.socket instanceof Socket)) res.on("finish", callListeners);
}

/**
 * Whether a response has closed, as one does whose client leaves while an earlier handler waits. `onResponseClose()` would call nothing then.
 * Responses of HTTP/2 have no member that says so.
 */
export function hasResponseClosed(res: ServerResponse): boolean {
  return res.closed || http2StreamOf(res)?.destroyed === true;
}

function callListeners(this: Watched): void {
  const waiting = this[listeners] ?? [];
  this[listeners] = [];
  for (const listener of waiting) listener.call(this);
}
