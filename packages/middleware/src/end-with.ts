import type { ServerResponse } from "node:http";

/**
 * Ends a response with a content, which is left out after HEAD. Node leaves it out as well, but servers with `rejectNonStandardBodyWrites` throw
 * for it. Set the length yourself.
 */
export function endWith(res: ServerResponse, content: string | Uint8Array): void {
  // Requests made for tests have no method, or are missing.
  if (res.req?.method === "HEAD") res.end();
  else res.end(content);
}
