import { type ServerResponse, validateHeaderName, validateHeaderValue } from "node:http";

import { http2StreamOf } from "./http2-stream.ts";
import { isPlainObject } from "./option-result.ts";

/** Whether a header may be sent: its name is a token and its value has no control characters (RFC 9110, 5.1 and 5.5). */
export function isValidHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

/** Whether a value, as of an option, is an object of headers that may be sent (RFC 9110, 5.1 and 5.5). */
export function isHeaders(value: unknown): value is Readonly<Record<string, string>> {
  if (!isPlainObject(value)) return false;
  return Object.entries(value).every(([name, text]) => typeof text === "string" && isValidHeader(name, text));
}

/** Sets a header of an error. One that Node refuses must not cost the client its response, so it is left out. */
export function setHeaderIfValid(res: ServerResponse, name: string, value: string): void {
  // HTTP/2 has no such header (RFC 9113, 8.2.2), and Node warns of it.
  if (name.toLowerCase() === "connection" && http2StreamOf(res) !== undefined) return;
  try {
    res.setHeader(name, value);
  } catch {
    // Name or value holds characters that HTTP does not allow.
  }
}
