import type { IncomingMessage } from "node:http";

/** What Node's HTTP/2 requests have beside. */
interface Http2Request extends Pick<IncomingMessage, "headers"> {
  readonly stream?: { readonly endAfterHeaders?: boolean };
}

/**
 * Whether the head of a request announces a body: a `Transfer-Encoding`, a `Content-Length` above zero (RFC 9112, 6.3), or on HTTP/2 a
 * stream that goes on after its head (RFC 9113, 8.1). A body of no bytes counts as none. It says nothing about how much has come, or been
 * read.
 */
export function hasBody(req: Pick<IncomingMessage, "headers">): boolean {
  const { headers, stream } = req as Http2Request;
  if (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0) return true;
  return headers["content-length"] === undefined && stream?.endAfterHeaders === false;
}
