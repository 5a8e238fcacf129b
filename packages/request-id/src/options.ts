import type { IncomingMessage } from "node:http";

import { isSyncFunction, option, readOptions, returns } from "@aivillage/middleware";

import type { RequestSpan } from "./request-span.ts";

/** Options of `requestId()`. */
export interface RequestIdOptions {
  /** Name of the header that brings the caller's id and carries ours back, a token (RFC 9110, 5.6.2). Default `X-Request-Id`. */
  header?: string;
  /**
   * Whose id and trace context are taken over: everybody's (`true`), nobody's (`false`), or those of requests for which the
   * function returns `true`. What is taken over must be well formed all the same. Default `true`.
   */
  trustIncoming?: boolean | ((req: IncomingMessage) => boolean);
  /** Makes an id of 1 to 128 letters, digits and `-_.:/+=`; any other result is an error of the request. Default `crypto.randomUUID`. */
  generate?: () => string;
  /**
   * Whether a trace that begins here is marked as sampled. Upstream services that follow their caller's decision record every
   * such trace when `true` and none when `false`. Default `false`, as Trace Context asks of who does not record by itself.
   */
  sampleNewTraces?: boolean;
  /**
   * Begins the span of this request in a tracer and returns its ids, which replace new ones. It receives the caller's span,
   * `undefined` where none is trusted and valid. When it returns `undefined`, ids are made as without it; ids that are none are an
   * error of the request. Default: none.
   */
  startSpan?: (req: IncomingMessage, caller: RequestSpan | undefined) => RequestSpan | undefined;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function readRequestIdOptions(given: RequestIdOptions | undefined) {
  return readOptions("@aivillage/request-id", given, {
    header: option.custom("a header name", "X-Request-Id", (value) => typeof value === "string" && token.test(value)),
    trustIncoming: option.custom<boolean | ((req: IncomingMessage) => boolean)>(
      "true, false or a function",
      true,
      (value) => typeof value === "boolean" || isSyncFunction(value),
      returns.boolean,
    ),
    generate: option.function<() => string>(undefined),
    sampleNewTraces: option.boolean(false),
    startSpan: option.function<(req: IncomingMessage, caller: RequestSpan | undefined) => RequestSpan | undefined>(undefined),
  });
}
