import type { IncomingMessage, ServerResponse } from "node:http";

import { http2StreamOf, internalError } from "./http2-stream.ts";
import { requestValue } from "./request-value.ts";

const delivered = requestValue<boolean>("@aivillage/middleware.responseDelivered");

/**
 * Marks a response as delivered although it has not ended, as while the rest of a request body is awaited. Call it when the connection has
 * taken the last byte: in the callback of `res.write()`, if that has no error.
 */
export function markResponseDelivered(req: IncomingMessage): void {
  delivered.set(req, true);
}

/** Whether the connection has taken the whole response. If it closes before, the client has left or this side has cut the response off. */
export function isResponseDelivered(req: IncomingMessage, res: ServerResponse): boolean {
  return delivered.get(req) === true || (isFinished(res) && !isStreamReset(res));
}

/** Whether the client, and not this side, has ended a response before it was delivered. */
export function hasClientLeft({ socket }: IncomingMessage, res: ServerResponse): boolean {
  const stream = http2StreamOf(res);
  if (stream !== undefined) return stream.rstCode !== 0 && stream.rstCode !== internalError;
  // Its end or reset is visible on the socket, whereas our own `destroy()` leaves no trace there.
  return socket.readableEnded || socket.errored !== null;
}

/** The sockets of hosts without connections, such as adapters of AWS Lambda, do not count what waits in them. */
function isFinished(res: ServerResponse): boolean {
  return res.writableFinished || (res.writableEnded && res.socket !== null && !("writableLength" in res.socket));
}

/** Node ends and finishes the response of a stream of HTTP/2 however the stream is closed. */
function isStreamReset(res: ServerResponse): boolean {
  const stream = http2StreamOf(res);
  return stream !== undefined && (stream.aborted || stream.rstCode !== 0);
}
