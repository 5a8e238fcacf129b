/* oxlint-disable no-underscore-dangle -- the method that Node calls for more of a stream is named so */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

import { soon } from "../soon.ts";

const ofReaders = ["data", "end", "readable"];

/**
 * Makes a request whose body has been read a stream that brings it again, for handlers that read the request themselves, such as those of
 * SvelteKit, Astro and Nuxt, body parsers and proxies. Without it they wait for an end that has passed, or find a closed stream.
 *
 * Call it when the request has emitted `end`. Listeners for its data are removed, since their stream has ended. If `body` has another length
 * than the head says, because it was changed, `req.headers["content-length"]` is changed too.
 *
 * @param body what the next reader gets
 * @param done called when the request can be read again; not at all when the client has left
 */
export function replayBody(req: IncomingMessage, body: Uint8Array, done: () => void): void {
  // As in unit tests without streams.
  if (!(req instanceof Readable)) return done();
  // After `end` Node closes the stream, which it does in ticks of this turn.
  soon(() => {
    if (req.socket.destroyed) return;
    for (const name of ofReaders) req.removeAllListeners(name);
    // A new state for the same object, as in its constructor. Listeners stay.
    Reflect.apply(Readable as unknown as (this: IncomingMessage) => void, req, []);
    req._read = () => undefined;
    if (req.headers["content-length"] !== undefined) req.headers["content-length"] = String(body.length);
    if (body.length > 0) req.push(body);
    req.push(null);
    done();
  });
}
