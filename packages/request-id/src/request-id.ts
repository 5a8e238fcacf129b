import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { type Handler, passError, requestValue } from "@aivillage/middleware";

import { type RequestIdOptions, readRequestIdOptions } from "./options.ts";
import { enterTrace } from "./trace-context.ts";

const id = requestValue<string>("@aivillage/request-id.id");

/** The id of this request; `undefined` when `requestId()` has not run. */
export function getRequestId(req: IncomingMessage): string | undefined {
  return id.get(req);
}

/**
 * Makes the middleware that gives every request an id and a W3C trace context, and sends the id back in the response.
 *
 * A well-formed id and `traceparent` of a trusted caller are kept; anything else is replaced and never echoed. Mount it
 * first. A request that already has an id keeps it.
 *
 * @throws OptionError for an unknown or bad option
 */
export function requestId(options?: RequestIdOptions): Handler {
  const settings = readRequestIdOptions(options);
  const { header, trustIncoming, generate } = settings;
  // What `randomUUID()` returns needs no check.
  const makeId = generate === undefined ? randomUUID : () => wellFormed(generate());
  const field = header.toLowerCase();
  const trust: (req: IncomingMessage) => unknown = typeof trustIncoming === "function" ? trustIncoming : () => trustIncoming;

  return function requestIdHandler(req, res, next) {
    const trusted = trust(req) === true;
    const value = id.get(req) ?? (trusted ? wellFormed(req.headers[field]) : undefined) ?? makeId();
    if (value === undefined) {
      return passError(new TypeError("@aivillage/request-id: `generate` must return 1 to 128 letters, digits and -_.:/+="), res, next);
    }
    id.set(req, value);
    enterTrace(req, trusted, settings);
    res.setHeader(header, value);
    next();
  };
}

/** Nothing in it needs escaping in a log line, a header, a JSON or an SQL string; base64, UUID, ULID and Ray ids fit. */
const form = /^[A-Za-z0-9_.:/+=-]{1,128}$/;

function wellFormed(candidate: string | string[] | undefined): string | undefined {
  return typeof candidate === "string" && form.test(candidate) ? candidate : undefined;
}
