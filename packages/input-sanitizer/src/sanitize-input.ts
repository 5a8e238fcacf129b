import type { IncomingMessage, ServerResponse } from "node:http";

import type { Handler, Next } from "@aivillage/middleware";

import { makeDocumentCheck } from "./check-document.ts";
import { type Input, inputValue } from "./input.ts";
import { hasBody, requireIdentity, requireJson } from "./media-type.ts";
import { readSanitizeInputOptions, type SanitizeInputOptions } from "./options.ts";
import { parseJson } from "./parse-json.ts";
import { readBody } from "./read-body.ts";
import { type HeadInput, makeHeadReader } from "./read-head.ts";

type Request = IncomingMessage & { body?: unknown };

/**
 * Makes the middleware that checks headers, path parameters, query string and JSON body before a handler sees them.
 *
 * What passes is at `getInput(req)`; `req.query`, `req.body` and `req.params` are never changed. What does not pass is a
 * problem with status 400, 408, 413, 415 or 422 that names the place of each fault and never repeats a value.
 *
 * @throws TypeError for an unknown or bad option, and for a schema that is not valid
 */
export function sanitizeInput(options?: SanitizeInputOptions): Handler {
  const settings = readSanitizeInputOptions(options);
  const { limits, screening } = settings;
  const readHead = makeHeadReader(settings);
  const checkBody = settings.body && makeDocumentCheck("body", settings.body, limits, screening);

  /** @throws HttpProblem */
  function acceptBody(req: Request, head: HeadInput, body: unknown): Input {
    if (checkBody === undefined || body === undefined) return { ...head, body: undefined };
    const { document, keys } = body instanceof Uint8Array ? parseJson(body, limits) : { document: body, keys: undefined };
    const checked = checkBody(req, document, keys);
    return { ...head, body: checked.document, findings: [...head.findings, ...checked.findings] };
  }

  return function sanitizeInputHandler(req: Request, _res: ServerResponse, next: Next): void {
    const finish = (head: HeadInput, body: unknown): void => {
      try {
        inputValue.set(req, acceptBody(req, head, body));
      } catch (error) {
        return next(error);
      }
      next();
    };
    let head: HeadInput;
    let source: BodySource;
    try {
      head = readHead(req);
      source = checkBody === undefined ? "none" : bodySource(req);
    } catch (error) {
      return next(error);
    }
    if (source !== "stream") return finish(head, source === "none" ? undefined : req.body);
    readBody(req, limits, (error, bytes) => (error === undefined ? finish(head, bytes) : next(error)));
  };
}

/** Methods whose requests normally have no body (RFC 9110, 9.3); a body that comes all the same is checked. */
const bodiless = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

type BodySource = "none" | "parsed" | "stream";

/** @throws HttpProblem 415 */
function bodySource(req: Request): BodySource {
  const announced = hasBody(req);
  if (!announced && bodiless.has(req.method ?? "")) return "none";
  if (announced) requireJson(req);
  if (req.body !== undefined) return "parsed";
  requireIdentity(req);
  return "stream";
}
