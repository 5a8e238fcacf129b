import type { IncomingMessage, ServerResponse } from "node:http";

import { bodyReader, type Next, passError, replayBody } from "@aivillage/middleware";

import { makeDocumentCheck } from "./check/check-document.ts";
import { joinFindings } from "./check/findings.ts";
import { acceptedInput } from "./input/get-input.ts";
import type { InputHandler, InputTypesOf } from "./input/input-types.ts";
import type { Input } from "./input/input.ts";
import { readSanitizeInputOptions, type SanitizeInputOptions } from "./options/options.ts";
import { payloadTooLarge, requestTimeout } from "./problems/problems.ts";
import { type HeadInput, makeHeadReader } from "./read-head.ts";
import { bodySource } from "./read/body-source.ts";
import { parseJson } from "./read/parse-json.ts";

const notVerbatim = { text: undefined, bytes: undefined };

/** What is inferred for a call without options: no part has a schema. */
type NoSchemas = Pick<SanitizeInputOptions, "screening">;
type Request = IncomingMessage & { body?: unknown };

/**
 * Makes the middleware that checks headers, path parameters, query string and JSON body before a handler sees them.
 *
 * What passes is at `getInput(req)`; `req.query`, `req.body` and `req.params` are never changed. What does not pass is a
 * problem with status 400, 408, 413, 415 or 422 that locates each error and never repeats a value.
 *
 * The handler carries the types of schemas that are written in the call or `as const`: `getInput(req, handler)`.
 *
 * @throws OptionError for an unknown or bad option, and for a schema that is not valid
 */
export function sanitizeInput<const O extends SanitizeInputOptions = NoSchemas>(options?: O): InputHandler<InputTypesOf<O>> {
  const settings = readSanitizeInputOptions(options);
  const { limits, keepBody } = settings;
  const readHead = makeHeadReader(settings);
  const checkBody = settings.body && makeDocumentCheck("body", settings.body, settings).check;
  const readBody = bodyReader({
    maxBytes: limits.bodyBytes,
    timeoutMs: limits.bodyTimeoutMs,
    tooLarge: () => payloadTooLarge(limits.bodyBytes),
    tooLate: () => requestTimeout(limits.bodyTimeoutMs),
    alreadyRead: () =>
      new Error(`@aivillage/input-sanitizer: the body was read before and \`req.body\` is not set; mount sanitizeInput() earlier`),
  });

  /** @throws HttpProblem */
  function acceptBody(req: Request, { headers, params, query, findings }: HeadInput, given: unknown): Input {
    if (checkBody === undefined || given === undefined)
      return { body: undefined, text: undefined, bytes: undefined, query, params, headers, findings };
    const parsed = given instanceof Uint8Array ? parseJson(given, limits) : undefined;
    const { document, isVerbatim, findings: found } = checkBody(req, parsed === undefined ? given : parsed.document, parsed?.keys);
    const { text, bytes } = isVerbatim && parsed !== undefined ? parsed : notVerbatim;
    return { body: document, text, bytes, query, params, headers, findings: joinFindings(findings, found) };
  }

  /** @param isRead whether the body was read from the request here */
  function finish(req: Request, res: ServerResponse, next: Next, head: HeadInput, body: unknown, isRead: boolean): void {
    let input: Input;
    try {
      input = acceptBody(req, head, body);
    } catch (error) {
      return passError(error, res, next);
    }
    acceptedInput.set(req, { input, by: sanitizeInputHandler, earlier: acceptedInput.get(req) });
    if (isRead && keepBody) replayBody(req, input.bytes ?? Buffer.from(JSON.stringify(input.body)), next);
    else next();
  }

  function sanitizeInputHandler(req: Request, res: ServerResponse, next: Next): void {
    let head: HeadInput;
    let source: ReturnType<typeof bodySource>;
    try {
      head = readHead(req);
      source = checkBody === undefined ? "none" : bodySource(req, limits);
    } catch (error) {
      return passError(error, res, next);
    }
    if (source !== "stream") return finish(req, res, next, head, source === "none" ? undefined : req.body, false);
    readBody(req, res, (error, bytes) => (error === undefined ? finish(req, res, next, head, bytes, true) : passError(error, res, next)));
  }

  return sanitizeInputHandler;
}
