import type { IncomingMessage, ServerResponse } from "node:http";

import { endWith, HttpProblem } from "@aivillage/middleware";

/** The problem for every method but GET and HEAD; `undefined` for those two. */
export function refuseMethod({ method }: IncomingMessage): HttpProblem | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  return new HttpProblem({
    status: 405,
    type: "method-not-allowed",
    detail: "Health can only be read. Send GET or HEAD.",
    headers: { Allow: "GET, HEAD" },
  });
}

/** Present, and without the weight 0 that means "not acceptable" (RFC 9110, 12.4.2). */
const healthType = /application\/health\+json(?!\s*;\s*q=0(?:\.0{0,3})?\s*(?:,|$))/i;

/** Sends a JSON document that no cache may store, as `application/health+json` if the client accepts that. */
export function respondJson(req: IncomingMessage, res: ServerResponse, statusCode: number, document: object): void {
  // Another handler, such as a request deadline, may have responded while probes were running.
  if (res.headersSent) return;
  const body = JSON.stringify(document);
  const wantsHealthType = req.headers.accept !== undefined && healthType.test(req.headers.accept);
  res.statusCode = statusCode;
  res.setHeader("Content-Type", wantsHealthType ? "application/health+json" : "application/json");
  res.setHeader("Content-Length", Buffer.byteLength(body));
  res.setHeader("Cache-Control", "no-store");
  endWith(res, body);
}
