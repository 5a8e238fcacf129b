import type { IncomingMessage, ServerResponse } from "node:http";

import { http2StreamOf } from "../http2-stream.ts";
import { requestValue } from "../request-value.ts";
import { hasBody } from "./has-body.ts";

/** A body of this declared length is read to its end, so that the connection can serve the next request. */
const keptOpenBytes = 1_048_576;
/** Enough for a client that reads no response before it has sent its whole body. */
const discardedBytes = 33_554_432;
const discardMs = 5_000;
/** Some hosts respond to an error only when the request has ended. One that ends even later is cut. */
const withoutResponseMs = 60_000;

/** Whether the rest is being discarded: two that do so would close the connection after the shorter of their times. */
const discarding = requestValue<boolean>("@aivillage/middleware.discarding");

/**
 * Announces to the client that the connection closes after this response, when its body is not read to the end (RFC 9112, 9.5). It should
 * stop sending then. Does nothing for a body that is short, or has been received.
 */
export function announceClose(req: IncomingMessage, res: ServerResponse): void {
  if (req.complete || res.headersSent || !hasBody(req) || http2StreamOf(res) !== undefined) return;
  if (!(Number(req.headers["content-length"] ?? Infinity) <= keptOpenBytes)) res.setHeader("Connection", "close");
}

/**
 * Reads and discards what the client still sends after its response, which may be complete already or be on its way.
 *
 * The rest of a short body leaves the connection usable. Otherwise the connection closes in two steps: first only our side, so that
 * the client sees the end of the response, and the rest when the client has stopped sending. Closing at once would reset the
 * connection and could destroy a response that is still on its way (RFC 9112, 9.6). At most 32 MiB are discarded, what follows is left
 * to back-pressure. After 5 s the connection closes with the end of the response; while no response has begun, because the host waits for
 * the end of the request, it closes when nothing has come for 5 s, and after a minute in any case. Further calls for the same request
 * change nothing.
 */
export function discardRest(req: IncomingMessage, res: ServerResponse): void {
  if (req.readableEnded || req.destroyed || !hasBody(req)) return;
  req.unpipe();
  if (req.complete) return void req.resume();
  if (discarding.get(req) === true) return;
  discarding.set(req, true);
  const closeWhenRead = http2StreamOf(res) === undefined ? lingerOnClose(req) : () => undefined;
  const since = performance.now();
  let left = discardedBytes;
  let isIdle = true;
  const timer = setTimeout(() => {
    if (res.headersSent) return closeAfter(res, req);
    if (isIdle || performance.now() - since >= withoutResponseMs) return giveUp(req, res);
    isIdle = true;
    timer.refresh();
  }, discardMs).unref();
  req.on("data", (chunk: Buffer) => {
    isIdle = false;
    left -= chunk.length;
    if (left < 0) req.pause();
  });
  req
    .once("close", () => clearTimeout(timer))
    .once("end", () => {
      clearTimeout(timer);
      closeWhenRead();
    });
  req.on("error", () => undefined).resume();
}

function closeAfter(res: ServerResponse, req: IncomingMessage): void {
  const response = http2StreamOf(res) ?? res;
  if (response.writableFinished) giveUp(req, res);
  else response.once("finish", () => giveUp(req, res));
}

/** To destroy a request of HTTP/2 does not close its stream, which shares its connection with others. */
function giveUp(req: IncomingMessage, res: ServerResponse): void {
  http2StreamOf(res)?.close();
  req.destroy();
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
