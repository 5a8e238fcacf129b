import type { IncomingMessage } from "node:http";

import { documentedTypes, isTypeUri, option, readOptions, requestPath, returns } from "@aivillage/middleware";

import { type ErrorMemberOption, isErrorMember } from "./error-form.ts";

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
   * What clients of AI services read beside the problem document.
   *
   * `true` adds the member `error` with `message`, `type` and `code`, from which the SDKs of OpenAI and Anthropic take the reason that they
   * show, and `X-Should-Retry: false` where the wait is longer than a minute. `"openai"` and `"anthropic"` are for routes that only such
   * clients call: they also get the request id where their SDK reads it and `Retry-After-Ms`, but no `Retry-After` of more than a minute,
   * which some would sleep through. The document for `"anthropic"` has the type `error`, as its SDKs expect, and is `application/json`.
   *
   * A function chooses by request, such as `getErrorForm` of `@aivillage/ai-call`. Default false.
   */
  errorMember?: ErrorMemberOption;
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
    requestId: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    mediaType: option.oneOf(["application/problem+json", "application/json"], "application/problem+json"),
    errorMember: option.custom<ErrorMemberOption>('true, false, "openai", "anthropic" or a function', false, isErrorMember),
    log: option.custom<ErrorLog | false>("a function or false", logToConsole, (value) => value === false || typeof value === "function"),
  });
}

function logToConsole(error: unknown, req: IncomingMessage): void {
  // oxlint-disable-next-line no-console -- as Express does with an error that nobody handles
  console.error(`unexpected error in ${req.method} ${requestPath(req)}:`, error);
}
