import type { IncomingMessage } from "node:http";

import { documentedTypes, type HttpProblem, isTypeUri, option, readOptions } from "@aivillage/middleware";

/** Options of `problemDetails()`. */
export interface ProblemDetailsOptions {
  /**
   * Put before and after a type that is a slug, to make it the absolute URI that RFC 9457 recommends.
   * `{slug}` is replaced. Default: the pages under `docs/problems` of this project.
   */
  typeUri?: string;
  /** The id of the request, sent as the member `request_id`; left out when the function throws. Default: none is sent. */
  requestId?: (req: IncomingMessage) => string | undefined;
  /**
   * Members to add to every document, such as `error` for clients that read only that. They replace no member of the problem. Default: none.
   */
  members?: (problem: HttpProblem) => Readonly<Record<string, unknown>>;
}

export function readProblemDetailsOptions(given: ProblemDetailsOptions | undefined) {
  return readOptions("@aivillage/problem-details", given, {
    typeUri: option.custom("a URI that contains {slug} once, without spaces", documentedTypes, isTypeUri),
    requestId: option.function<(req: IncomingMessage) => string | undefined>(undefined),
    members: option.function<(problem: HttpProblem) => Readonly<Record<string, unknown>>>(undefined),
  });
}
