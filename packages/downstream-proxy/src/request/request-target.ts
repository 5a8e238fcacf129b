import type { IncomingMessage } from "node:http";

import { packageName } from "../options/package-name.ts";
import { malformedTarget } from "../report/errors.ts";

/** Origin form (RFC 9112, 3.2.1) with one leading slash; no space, control character or fragment. */
const originForm = /^\/(?!\/)[^\0- #\x7f]*$/;
const notOriginForm = "It must begin with one slash and be percent-encoded.";

/** Node reads other bytes of a client as Latin-1. */
const nonAscii = /[^\0-\x7f]/;

/** A backslash, or an encoded NUL, CR or LF: some servers take the first for a slash and the others for an end. */
const ambiguous = /\\|%0[0ad]/i;

/** A `..` segment, the dots and the slashes around it encoded or not, path parameters after it or not. */
const parentSegment = /(?:\/|\\|%2f|%5c)(?:\.|%2e){2}(?=\/|\\|;|%2f|%5c|$)/i;

/**
 * The path and query that the resolver gives, or those of the request exactly as the client sent them. The resolver may leave out the slash
 * before a query and before nothing, as one that removes a prefix does.
 *
 * @throws HttpProblem 400 `malformed-target` for a target that two servers may understand differently
 * @throws TypeError if only the result of the resolver is such a target
 */
export function requestTarget(req: IncomingMessage & { originalUrl?: string }, resolve?: (req: IncomingMessage) => string): string {
  const sent = req.originalUrl ?? req.url ?? "";
  if (resolve === undefined) return checked(sent);
  const resolved = resolve(req);
  const target = resolved === "" || resolved.startsWith("?") ? `/${resolved}` : resolved;
  const problem = nonAscii.test(target) && !nonAscii.test(sent) ? notOriginForm : problemOf(target);
  if (problem === undefined) return target;
  // Two slashes after a prefix that is removed are the client's.
  if (target.startsWith("//")) throw malformedTarget(problem);
  checked(sent);
  throw new TypeError(`${packageName}: the result of \`path\` cannot be requested. ${problem}`);
}

function checked(target: string): string {
  const problem = problemOf(target);
  if (problem !== undefined) throw malformedTarget(problem);
  return target;
}

function problemOf(target: string): string | undefined {
  if (!originForm.test(target)) return notOriginForm;
  const queryStart = target.indexOf("?");
  const path = queryStart === -1 ? target : target.slice(0, queryStart);
  if (ambiguous.test(path)) return "Its path must not contain a backslash or encoded control characters.";
  if (parentSegment.test(path)) return "Its path must not contain `..` segments.";
  return undefined;
}
