import { IncomingMessage, type IncomingHttpHeaders, ServerResponse } from "node:http";
import { Socket } from "node:net";

import type { Handler } from "@aivillage/middleware";

/** The fields that a handler sets on the answer to a GET with these headers, for handlers that set the same ones each time. */
export function recordFields(handler: Handler, headers: IncomingHttpHeaders = {}): [name: string, value: string][] {
  const req = Object.assign(new IncomingMessage(new Socket()), { method: "GET" });
  Object.assign(req.headers, headers);
  const res = new ServerResponse(req);
  handler(req, res, () => undefined);
  return Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]);
}
