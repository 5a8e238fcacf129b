import type { IncomingMessage } from "node:http";

import { documentedTypes, isTypeUri, option, readOptions, requestPath } from "@aivillage/middleware";

/** Options of `problemDetails()`. */
export interface ProblemDetailsOptions {
  /**
   * Put before and after a type that is a slug, to make it the absolute URI that RFC 9457 recommends.
   * `{slug}` is replaced. Default: the pages under `docs/problems` of this project.
   */
  typeUri?: string;
  /** The id of the request, sent as the member `request_id`; left out when the function throws. Default: none is sent. */
  requestId?: (req: IncomingMessage) => string | undefined;
  /** `application/json` for clients that parse nothing else; the document is the same. Default `application/problem+json`. */
  mediaType?: "application/problem+json" | "application/json";
  /**
   * Whether the document also has the member `error` with `message`, `type` and `code`, from which the SDKs of OpenAI and Anthropic take
   * the reason that they show. Default false.
   */
  errorMember?: boolean;
  /**
   * Receives every unexpected error: one that is no `HttpProblem` and becomes a 5xx, and everything that becomes a 500. It may hold
   * internals, and the client sees nothing of it. `false` if a subscriber of `problemSent` logs it. Default: `console.error`.
   */
  log?: ErrorLog | false;
}

type ErrorLog = (error: unknown, req: IncomingMessage) => void;

export function readProblemDetailsOptions(given: ProblemDetailsOptions | undefined) {
  return readOptions("@aivillage/problem-details", given, {
    typeUri: option.custom("a URI that contains {slug} once, without spaces", documentedTypes, isTypeUri),
    requestId: option.function<(req: IncomingMessage) => string | undefined>(undefined),
    mediaType: option.oneOf(["application/problem+json", "application/json"], "application/problem+json"),
    errorMember: option.boolean(false),
    log: option.custom<ErrorLog | false>("a function or false", logToConsole, (value) => value === false || typeof value === "function"),
  });
}

function logToConsole(error: unknown, req: IncomingMessage): void {
  // oxlint-disable-next-line no-console -- as Express does with an error that nobody handles
  console.error(`unexpected error in ${req.method} ${requestPath(req)}:`, error);
}
