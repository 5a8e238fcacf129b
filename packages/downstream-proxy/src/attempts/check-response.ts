import type { ResponseHeaders } from "../fields/response-head.ts";

/** Maximum informational responses before the final one. More are an error of the target, because each one costs work here. */
export const maxInformational = 32;

/** The response has the syntax of HTTP, but cannot be passed on. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
}

/**
 * Refuses what undici accepts and a client must not receive: a status that does not exist, and transfer codings that would have to be
 * decoded (RFC 9112, 6.1).
 *
 * @throws MalformedResponse
 */
export function checkResponse(status: number, { "transfer-encoding": coding }: ResponseHeaders): void {
  if (status > 599) throw new MalformedResponse(`status ${status}`);
  if (coding !== undefined && (typeof coding !== "string" || coding.toLowerCase() !== "chunked")) {
    throw new MalformedResponse("a transfer coding other than chunked");
  }
}
