import type { IncomingMessage } from "node:http";

/**
 * Whether the head of a request announces a body: a `Transfer-Encoding`, or a `Content-Length` above zero (RFC 9112, 6.3). A body of no
 * bytes counts as none. It says nothing about how much has come, or been read.
 */
export function hasBody({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
