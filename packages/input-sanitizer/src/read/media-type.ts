import type { IncomingMessage } from "node:http";

import { unsupportedMediaType } from "../problems/problems.ts";

/**
 * Accepts `application/json` and `application/*+json` in UTF-8.
 *
 * @throws HttpProblem 415 with `Accept` (RFC 9110, 15.5.16)
 */
export function requireJson(req: IncomingMessage): void {
  if (isJson(req.headers["content-type"] ?? "")) return;
  throw unsupportedMediaType("The Content-Type must be application/json in UTF-8.", { Accept: "application/json" });
}

/**
 * Accepts a body without content coding only: what is checked is what was sent.
 *
 * @throws HttpProblem 415 with `Accept-Encoding` (RFC 9110, 15.5.16)
 */
export function requireIdentity(req: IncomingMessage): void {
  const coding = req.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (coding === "" || coding === "identity") return;
  throw unsupportedMediaType("The body must not be compressed.", { "Accept-Encoding": "identity" });
}

function isJson(contentType: string): boolean {
  if (contentType === "application/json") return true;
  const [type = "", ...parameters] = contentType.toLowerCase().split(";");
  return isJsonType(type.trim()) && parameters.every(isHarmless);
}

function isJsonType(type: string): boolean {
  return type === "application/json" || /^application\/[\w!#$&^.-]+\+json$/.test(type);
}

/** RFC 8259 knows UTF-8 only; other parameters mean nothing to JSON. */
function isHarmless(parameter: string): boolean {
  const [name = "", value = ""] = parameter.split("=", 2);
  if (name.trim() !== "charset") return true;
  const charset = value.trim().replaceAll('"', "");
  return charset === "utf-8" || charset === "utf8";
}
