import type { ServerResponse } from "node:http";

type Listener = (this: ServerResponse) => void;

const listeners = Symbol.for("@aivillage/middleware.closeListeners");

type Watched = ServerResponse & { [listeners]?: Listener[] };

/**
 * Calls a listener when a response closes, as `res.on("close", listener)` does.
 *
 * However many handlers wait for the end of a response, it gets a single listener of Node's: adding and calling one costs more than what
 * most of them do.
 */
export function onResponseClose(res: Watched, listener: Listener): void {
  const known = res[listeners];
  if (known !== undefined) return void known.push(listener);
  res[listeners] = [listener];
  res.on("close", callListeners);
}

function callListeners(this: Watched): void {
  for (const listener of this[listeners]?.slice() ?? []) listener.call(this);
}
