import type { IncomingMessage } from "node:http";
import { isPromise } from "node:util/types";

import { cutShort, type ErrorHandler, HttpProblem, problemDocument, replaceResponse } from "@aivillage/middleware";

import { endAfterBody } from "./end-after-body.ts";
import { errorMemberOf } from "./error-form.ts";
import { errorMember } from "./error-member.ts";
import { problemSent } from "./events.ts";
import { type ProblemDetailsOptions, readProblemDetailsOptions } from "./options.ts";
import { setSdkHeaders } from "./sdk-headers.ts";

/**
 * Makes the error handler that responds with `application/problem+json` (RFC 9457). Mount it last.
 *
 * Status and headers come from the error; `detail` and extension members only when it says `expose`. What is no HTTP error is
 * a 500 without detail: neither message nor stack leaves the process, and `log` receives it. When the head was already sent, the
 * connection is cut, so that the client sees a broken response and not a short one; a response that is already complete is left as it is.
 *
 * @throws OptionError for an unknown or bad option
 */
export function problemDetails(options?: ProblemDetailsOptions): ErrorHandler {
  const { typeUri, requestId, mediaType, errorMember: errorMembers, log } = readProblemDetailsOptions(options);

  return function problemDetailsHandler(error, req, res, _next) {
    const problem = HttpProblem.from(error);
    if (problemSent.hasSubscribers) problemSent.publish({ req, problem, error });
    if (log !== false && isUnexpected(problem, error)) report(log, error, req);
    if (res.headersSent) return res.writableEnded ? undefined : cutShort(res);
    const id = readId(req, requestId);
    const form = errorMemberOf(errorMembers, req);
    const document = problemDocument(problem, typeUri, {
      ...(form === "anthropic" && { type: "error" }),
      ...(form !== false && { error: errorMember(problem, form) }),
      ...(id !== undefined && { request_id: id }),
    });
    replaceResponse(res, problem);
    if (form !== false) setSdkHeaders(res, form, id);
    // Whose type is `error` is no problem document (RFC 9457, 3.1.1).
    res.setHeader("Content-Type", form === "anthropic" ? "application/json" : mediaType);
    res.setHeader("Cache-Control", "no-store");
    endAfterBody(req, res, document);
  };
}

/** A problem from 501 on reports a failure elsewhere that its author knows of; a 500 is a bug of this program. */
function isUnexpected({ status }: HttpProblem, error: unknown): boolean {
  const isProblem = error instanceof Error && error.name === "HttpProblem";
  return status === 500 || (status > 500 && !isProblem);
}

/** The error handler is the last resort: a logger that fails, at once or later, must neither cost the client its response nor end the process. */
function report(log: (error: unknown, req: IncomingMessage) => unknown, error: unknown, req: IncomingMessage): void {
  // oxlint-disable-next-line no-console -- the last way to report anything
  const failed = (failure: unknown): void => console.error("the option `log` of problemDetails() failed:", failure, error);
  try {
    const returned = log(error, req);
    if (isPromise(returned)) returned.catch(failed);
  } catch (failure) {
    failed(failure);
  }
}

/** The error handler is the last resort: an id that cannot be made must not cost the client its response. */
function readId(req: IncomingMessage, requestId: ProblemDetailsOptions["requestId"]): string | undefined {
  try {
    return requestId?.(req);
  } catch {
    return undefined;
  }
}
