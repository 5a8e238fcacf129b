import type { IncomingMessage, ServerResponse } from "node:http";

/** A body of this declared length is read to its end, so that the connection can serve the next request. */
const keptOpenBytes = 1_048_576;
/** Enough for a client that reads no response before it has sent its whole body. */
const discardedBytes = 33_554_432;
const discardMs = 5_000;

/**
 * Tells the client that the connection closes after this response, when its body is not read to the end (RFC 9112, 9.5). It should
 * stop sending then. Does nothing for a body that is short, or has been received.
 */
export function announceClose(req: IncomingMessage, res: ServerResponse): void {
  if (req.complete || res.headersSent) return;
  if (!(Number(req.headers["content-length"] ?? Infinity) <= keptOpenBytes)) res.setHeader("Connection", "close");
}

/**
 * Reads and discards what the client still sends after its response is complete.
 *
 * The rest of a short body leaves the connection usable. Otherwise the connection closes in two steps: first only our side, so that
 * the client sees the end of the response, and the rest when the client has stopped sending. Closing at once would reset the
 * connection and could destroy a response that is still on its way (RFC 9112, 9.6). After 32 MiB or 5 s it is closed in any case.
 */
export function discardRest(req: IncomingMessage, res: ServerResponse): void {
  if (req.readableEnded || req.destroyed) return;
  if (req.complete) return void req.resume();
  const closeWhenRead = lingerOnClose(req);
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
  req
    .once("close", () => clearTimeout(timer))
    .once("end", () => {
      clearTimeout(timer);
      closeWhenRead();
    });
  req.on("error", () => undefined).resume();
}

/** Node ends a connection after its last response with `destroySoon()`, which does not wait for the client. Call the result when it has sent all. */
function lingerOnClose({ socket }: IncomingMessage): () => void {
  let isClosing = false;
  socket.destroySoon = () => {
    isClosing = true;
    socket.end();
  };
  return () => {
    Reflect.deleteProperty(socket, "destroySoon");
    if (isClosing) socket.destroySoon();
  };
}
