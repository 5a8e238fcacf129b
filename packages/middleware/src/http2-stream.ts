import type { ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";

/** The error code of a stream that this side cuts short (RFC 9113, 7). */
export const internalError = 2;

/** The stream of a response of the compatibility API of `node:http2`; `undefined` for HTTP/1.1. */
export function http2StreamOf(res: ServerResponse): ServerHttp2Stream | undefined {
  return (res as ServerResponse & { stream?: ServerHttp2Stream }).stream;
}
