import type { IncomingMessage } from "node:http";

/**
 * Whether the head of a request announces a body: a `Transfer-Encoding`, or a `Content-Length` above zero (RFC 9112, 6.3). A body of no
 * bytes counts as none. It says nothing about how much has come, or been read. In HTTP/2 any request has a body whose head does not end its
 * stream (RFC 9113, 8.1).
 */
export function hasBody(req: Pick<IncomingMessage, "headers"> & Http2): boolean {
  const { headers } = req;
  if (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0) return true;
  return req.stream?.endAfterHeaders === false && headers["content-length"] === undefined;
}

/** What requests of the HTTP/2 compatibility API of Node have in addition. */
interface Http2 {
  readonly stream?: { readonly endAfterHeaders?: boolean };
}
