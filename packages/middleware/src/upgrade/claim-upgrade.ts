import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { requestValue } from "../request-value.ts";

const claimed = requestValue<boolean>("@aivillage/middleware.upgradeClaimed");

/**
 * Runs `take` if no other listener for `upgrade` has taken the connection.
 *
 * Node calls every listener with the same connection. Two that both respond corrupt it. Listeners that call this come after all that take
 * the connection at once, such as a `WebSocketServer` of the package `ws`. Of several that call it, the first one gets the connection.
 * Handlers that `upgradeListener()` runs do not call it: it has claimed their connection.
 */
export function claimUpgrade(req: IncomingMessage, socket: Duplex, take: () => void): void {
  // Without a listener an error of the client's connection would end the process.
  socket.on("error", () => undefined);
  process.nextTick(() => {
    if (claimed.get(req) === true || isTaken(socket)) return;
    claimed.set(req, true);
    take();
  });
}

/** Node hands over a connection that nobody reads. The code that claims it reads it, or refuses and ends it. */
function isTaken({ destroyed, writableEnded, readableFlowing }: Duplex): boolean {
  return destroyed || writableEnded || readableFlowing !== null;
}
