import type { IncomingMessage } from "node:http";

import { loopDetected } from "../report/errors.ts";

/**
 * The `Via` field of the request with our entry added (RFC 9110, 7.6.3).
 *
 * @throws HttpProblem 508 `loop-detected` when our entry is there already
 */
export function requestVia(req: IncomingMessage, name: string): string {
  const before = req.headers.via;
  const entry = `${req.httpVersion} ${name}`;
  if (before === undefined) return entry;
  if (passedBefore(before, name)) throw loopDetected(name);
  return `${before}, ${entry}`;
}

/** Our name as the second word of an element: `1.1 name`, `HTTP/1.1 name (comment)`. */
function passedBefore(via: string, name: string): boolean {
  return via.split(",").some((element) => element.trim().split(/\s+/, 2)[1]?.toLowerCase() === name.toLowerCase());
}
