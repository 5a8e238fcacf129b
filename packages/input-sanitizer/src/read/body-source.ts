import type { IncomingMessage } from "node:http";

import { hasBody } from "@aivillage/middleware";

import type { Limits } from "../options/limits.ts";
import { payloadTooLarge } from "../problems/problems.ts";
import { requireIdentity, requireJson } from "./media-type.ts";

/** Methods whose requests normally have no body (RFC 9110, 9.3); a body that comes all the same is checked. */
const bodiless = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/**
 * Where the body is: nowhere, in `req.body`, or in the stream.
 *
 * @throws HttpProblem 413 for a length that is too large, declared or of a buffer in `req.body`; 415 for what is no JSON
 */
export function bodySource(req: IncomingMessage & { body?: unknown }, { bodyBytes }: Limits): "none" | "parsed" | "stream" {
  const announced = hasBody(req);
  if (!announced && bodiless.has(req.method ?? "")) return "none";
  if (announced) requireJson(req);
  const { body } = req;
  const length = body instanceof Uint8Array ? body.length : Number(req.headers["content-length"] ?? 0);
  if (length > bodyBytes) throw payloadTooLarge(bodyBytes);
  if (body !== undefined && !(announced && isUnread(req, body))) return "parsed";
  requireIdentity(req);
  return "stream";
}

/** Whether `req.body` is what body parsers leave on a request that they do not read: an empty object, or null. */
function isUnread(req: IncomingMessage, body: unknown): boolean {
  return !req.readableDidRead && (body === null || (typeof body === "object" && Object.keys(body).length === 0));
}
