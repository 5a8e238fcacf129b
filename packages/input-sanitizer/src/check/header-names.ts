import type { IncomingMessage } from "node:http";

import { locationOf } from "../problems/location.ts";
import { forbiddenKey } from "../problems/problems.ts";
import { isForbiddenKey } from "./forbidden-keys.ts";

const dollar = 0x24;
const dot = 0x2e;
const underscore = 0x5f;

/**
 * Refuses a header whose name is a forbidden key, for the handler that copies headers into an object.
 *
 * @throws HttpProblem 400
 */
export function checkHeaderNames({ rawHeaders = [] }: Partial<Pick<IncomingMessage, "rawHeaders">>): void {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (hasRareSign(name) && isForbiddenKey(name.toLowerCase())) throw forbiddenKey(locationOf("headers", [name]));
  }
}

/** Every forbidden name that a header can have (RFC 9110, 5.6.2) has one of these signs, and hardly another name has. */
function hasRareSign(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code === underscore || code === dollar || code === dot) return true;
  }
  return false;
}
