import type { IncomingMessage, ServerResponse } from "node:http";

import { type Handler, HttpProblem, passError } from "@aivillage/middleware";
import { getPathParameters } from "@aivillage/router";

/** Makes the handler that responds with what a function returns, as JSON. */
export function respondWith(make: (req: IncomingMessage) => unknown): Handler {
  return function adminHandler(req, res, next) {
    new Promise<unknown>((resolve) => resolve(make(req))).then(
      (document) => sendJson(res, 200, document),
      (error) => passError(error, res, next),
    );
  };
}

export function sendJson(res: ServerResponse, status: number, document: unknown): void {
  if (res.headersSent || res.destroyed) return;
  const body = `${JSON.stringify(document, null, 2)}\n`;
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Content-Length", Buffer.byteLength(body));
  res.end(body);
}

/** A parameter of the path, decoded. @throws HttpProblem 404 for one that cannot be */
export function parameterOf(req: IncomingMessage, name: string): string {
  const text = getPathParameters(req)[name] ?? "";
  try {
    return decodeURIComponent(text);
  } catch {
    throw new HttpProblem({ status: 404, type: "not-found", detail: `${name} is not percent-encoded.` });
  }
}
