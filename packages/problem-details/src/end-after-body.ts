import type { IncomingMessage, ServerResponse } from "node:http";

import { noteAnswered } from "@aivillage/middleware";

const lingerMs = 2_000;
const lingerBytes = 1_048_576;

/**
 * Sends the whole answer at once, then takes care of a request body that has not been read.
 *
 * A declared body of at most 1 MiB is discarded and the connection stays usable. Otherwise the client is told to close, and
 * the connection stays open until the client has stopped sending: closing it while data is still arriving makes TCP reset
 * it, and the client loses an answer such as 413 that was already on its way (RFC 9112, 9.6). Either way at most 1 MiB is
 * discarded, what follows is left to back-pressure, and after 2 s the connection is closed.
 */
export function endAfterBody(req: IncomingMessage, res: ServerResponse, body: string): void {
  res.setHeader("Content-Length", Buffer.byteLength(body));
  if (req.complete || req.destroyed || !hasBody(req)) return void res.end(body);
  if (canStayOpen(req, res)) {
    res.end(body);
    discard(req, () => void (req.complete || req.socket.destroy()));
    return;
  }
  res.setHeader("Connection", "close");
  // There is no body whose arrival could be noted, and no client has a reason to send one with HEAD (RFC 9110, 9.3.2).
  if (req.method === "HEAD") return void res.end();
  res.write(body, (error) => void (error ?? noteAnswered(req)));
  discard(req, () => void res.end());
}

function hasBody(req: IncomingMessage): boolean {
  return req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0;
}

function canStayOpen(req: IncomingMessage, res: ServerResponse): boolean {
  return res.shouldKeepAlive && !res.hasHeader("Connection") && Number(req.headers["content-length"] ?? Infinity) <= lingerBytes;
}

/** Calls back once: when the body is at its end, when the client has left, or when the time is up. */
function discard(req: IncomingMessage, done: () => void): void {
  let discarded = 0;
  const count = (chunk: Buffer): void => {
    discarded += chunk.length;
    if (discarded > lingerBytes) req.pause();
  };
  const finish = (): void => {
    clearTimeout(timer);
    req.off("data", count).off("end", finish).off("close", finish);
    done();
  };
  const timer = setTimeout(finish, lingerMs).unref();
  req.unpipe();
  req.on("data", count).once("end", finish).once("close", finish).resume();
}
