import type { IncomingMessage, ServerResponse } from "node:http";

import { brokenStatus, hasClientLeft, isResponseDelivered, onResponseClose, onSocketClose } from "@aivillage/middleware";

import { bytesSinceLast, countOf } from "./request-bytes.ts";

/** How a request has ended. */
export interface ResponseEnd {
  readonly status: number;
  readonly durationMs: number;
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
  readonly outcome: "completed" | "aborted" | "incomplete";
}

/**
 * Calls the callback exactly once: when the response is complete, or when the connection closes before that.
 *
 * The bytes are the difference of the socket's counter, which is right for streams and for several requests on one
 * connection, and costs two reads; `Content-Length` is absent for streams and wrong for aborted responses.
 */
export function onResponseEnd(req: IncomingMessage, res: ServerResponse, report: (end: ResponseEnd) => void): void {
  const { socket } = req;
  const startedAt = performance.now();
  let bytesBefore = res.socket === null ? undefined : countOf(socket.bytesWritten);
  let ended = false;

  function end(isDelivered: boolean): void {
    if (ended) return;
    ended = true;
    const { status, outcome } = outcomeOf(req, res, isDelivered);
    const requestBytes = bytesSinceLast(socket);
    const responseBytes =
      requestBytes === undefined || bytesBefore === undefined ? noneOf(requestBytes) : socket.bytesWritten - bytesBefore;
    report({ status, durationMs: performance.now() - startedAt, requestBytes, responseBytes, outcome });
  }
  const close = (): void => end(isResponseDelivered(req, res));

  if (res.writableFinished || res.destroyed || socket.destroyed) return close();
  if (res.socket === null) {
    // A pipelined request waits for its turn on the connection; when that closes first, the response is not notified.
    const forget = onSocketClose(socket, close);
    res.once("socket", () => {
      bytesBefore = countOf(socket.bytesWritten);
      forget();
    });
  }
  // Before Node's own listener, which lets the next pipelined response write to the socket. On HTTP/2 every end of a stream emits it.
  if (req.httpVersionMajor < 2) res.prependListener("finish", () => end(true));
  onResponseClose(res, close);
}

function outcomeOf(req: IncomingMessage, res: ServerResponse, isDelivered: boolean): Pick<ResponseEnd, "status" | "outcome"> {
  const failure = brokenStatus(req);
  if (failure !== undefined) return { status: failure, outcome: "incomplete" };
  return isDelivered ? { status: res.statusCode, outcome: "completed" } : { status: abortedStatus(req, res), outcome: "aborted" };
}

/** A response that never had its turn has no bytes; where nothing is counted, nobody knows. */
function noneOf(requestBytes: number | undefined): 0 | undefined {
  return requestBytes === undefined ? undefined : 0;
}

function abortedStatus(req: IncomingMessage, res: ServerResponse): number {
  if (hasClientLeft(req, res)) return 499;
  return res.headersSent ? res.statusCode : 500;
}
