import type { ServerResponse } from "node:http";

/** What `compression()` adds to a response. */
interface Compressed {
  readonly flush?: () => void;
}

/**
 * Makes a middleware that compresses the response send what it holds, so that each event of a stream arrives when it is sent. Node's own
 * responses have no such method.
 */
export function flushCompression(res: ServerResponse & Compressed): void {
  if (typeof res.flush === "function") res.flush();
}
