import type { IncomingMessage } from "node:http";

import { malformedTarget } from "../report/errors.ts";

/** Origin form (RFC 9112, 3.2.1) with one leading slash; no space, control character or fragment. */
const originForm = /^\/(?!\/)[^\0- #\x7f]*$/;

/** A backslash, or an encoded NUL, CR or LF: some servers take the first for a slash and the others for an end. */
const ambiguous = /\\|%0[0ad]/i;

/** A `..` segment, the dots and the slashes around it encoded or not, path parameters after it or not. */
const parentSegment = /(?:\/|\\|%2f|%5c)(?:\.|%2e){2}(?=\/|\\|;|%2f|%5c|$)/i;

/**
 * The path and query that the resolver gives, or those of the request exactly as the client sent them.
 *
 * @throws HttpProblem 400 `malformed-target` for a target that two servers may understand differently
 */
export function requestTarget(req: IncomingMessage & { originalUrl?: string }, resolve?: (req: IncomingMessage) => string): string {
  const target = resolve?.(req) ?? req.originalUrl ?? req.url ?? "";
  if (!originForm.test(target)) throw malformedTarget("It must begin with one slash and be percent-encoded.");
  const queryStart = target.indexOf("?");
  const path = queryStart === -1 ? target : target.slice(0, queryStart);
  if (ambiguous.test(path)) throw malformedTarget("Its path must not contain a backslash or encoded control characters.");
  if (parentSegment.test(path)) throw malformedTarget("Its path must not contain `..` segments.");
  return target;
}
