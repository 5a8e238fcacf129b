import type { IncomingMessage } from "node:http";

import { loopDetected } from "../report/errors.ts";
import { joinValues, type ResponseHeaders } from "./response-head.ts";
import type { ResponsePolicy } from "./response-policy.ts";

/**
 * The `Via` header of the request with this proxy's entry added (RFC 9110, 7.6.3).
 *
 * @throws HttpProblem 508 `loop-detected` if it already has this proxy's entry
 */
export function requestVia(req: IncomingMessage, name: string): string {
  const before = req.headers.via;
  const entry = `${req.httpVersion} ${name}`;
  if (before === undefined) return entry;
  if (passedBefore(before, name)) throw loopDetected(name);
  return `${before}, ${entry}`;
}

/** The name is the second word of an element: `1.1 name`, `HTTP/1.1 name (comment)`. */
function passedBefore(via: string, name: string): boolean {
  return via.split(",").some((element) => element.trim().split(/\s+/, 2)[1]?.toLowerCase() === name.toLowerCase());
}

/** The `Via` header of the response. The target's names internal servers (RFC 9110, 7.6.3) and is dropped, unless `Via` is passed. */
export function responseVia(headers: ResponseHeaders, { viaName, isWithheld }: ResponsePolicy): string {
  const via = joinValues(headers["via"]);
  return via === undefined || isWithheld("via") ? `1.1 ${viaName}` : `${via}, 1.1 ${viaName}`;
}
