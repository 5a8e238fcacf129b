import type { IncomingMessage } from "node:http";

/** What a body parser or another middleware left in `req.body`, as bytes. */
export function parsedBody(req: IncomingMessage & { body?: unknown }): Buffer | undefined {
  if (!req.readableDidRead || req.body === undefined) return undefined;
  if (Buffer.isBuffer(req.body)) return req.body;
  return Buffer.from(typeof req.body === "string" ? req.body : JSON.stringify(req.body));
}
