import type { ServerResponse } from "node:http";

import { headerMatcher, words } from "./header-patterns.ts";
import { connectionOptions, hopByHop } from "./hop-by-hop.ts";
import { isEventStream } from "./stream-type.ts";
import { withheldHeaders } from "./withheld-headers.ts";

/** Field names in lower case; an array where a field came more than once. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Status and fields of the target's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Added to `Server-Timing`. */
  readonly timing?: string | undefined;
}

/** What a proxy makes of the fields of its targets. */
export interface ResponsePolicy {
  /** Our name in `Via`. */
  readonly viaName: string;
  /** Whether a field, its name in lower case, stays here. */
  readonly isWithheld: (name: string) => boolean;
}

const isListed = headerMatcher(withheldHeaders.flatMap(({ names }) => names));

/** Servers in front may take `X_Accel_Redirect` for `X-Accel-Redirect`. */
const asServersRead = (name: string): string => name.replaceAll(/[^a-z\d]/g, "-");

/** Names that are remembered; targets use few. */
const mostKnown = 500;

/**
 * Prepares the decision which fields of a target stay here: those of the connection, and the withheld ones that `passed` does not name.
 *
 * @param passed names and patterns
 */
export function withheldUnless(passed: readonly string[]): ResponsePolicy["isWithheld"] {
  const connection = new Set(hopByHop);
  const isPassed = headerMatcher(passed);
  const known = new Map<string, boolean>();
  const decide = (name: string): boolean => connection.has(name) || (isListed(asServersRead(name)) && !isPassed(name));
  return function isWithheld(name) {
    const before = known.get(name);
    if (before !== undefined) return before;
    const withheld = decide(name);
    if (known.size < mostKnown) known.set(name, withheld);
    return withheld;
  };
}

/** Lists that both sides may add to. */
const joined: ReadonlySet<string> = new Set(["set-cookie", "vary", "link", "server-timing"]);

/** Fields that describe the content, which is the target's. */
const describing: ReadonlySet<string> = new Set([
  "accept-ranges",
  "age",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "date",
  "etag",
  "expires",
  "last-modified",
]);

/** Whether the target closes the connection after this response. */
export function closesConnection({ connection }: AnswerHeaders): boolean {
  return connection !== undefined && /(?:^|,)\s*close\s*(?:,|$)/i.test(text(connection) ?? "");
}

/** Not forwarded with a content that `mergeJson` has changed: validators, digests, and the length, which is another one. */
const droppedWhenChanged: ReadonlySet<string> = new Set([
  "accept-ranges",
  "content-digest",
  "content-length",
  "content-md5",
  "digest",
  "etag",
  "last-modified",
  "repr-digest",
]);

/**
 * Copies the fields of the target's answer.
 *
 * What earlier handlers set stays: security headers, CORS, rate limit, request id. The target adds to it, except that lists are
 * joined and what describes the content is the target's alone.
 *
 * @param changedLength length of the content when it is no longer the target's
 */
export function copyHeaders(res: ServerResponse, head: AnswerHead, policy: ResponsePolicy, changedLength?: number): void {
  const { status, headers, timing } = head;
  const named = connectionOptions(text(headers["connection"]));
  // Chunked framing wins over a length (RFC 9112, 6.3), and 204 has none (RFC 9110, 8.6).
  const lengthHolds = headers["transfer-encoding"] === undefined && status !== 204;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || name === "via" || named.has(name) || policy.isWithheld(name)) continue;
    if (changedLength !== undefined && droppedWhenChanged.has(name)) continue;
    if (name === "content-length" && !lengthHolds) continue;
    if (describing.has(name) || !res.hasHeader(name)) res.setHeader(name, value);
    else if (joined.has(name)) res.appendHeader(name, value);
  }
  if (changedLength !== undefined) res.setHeader("Content-Length", changedLength);
  res.setHeader("Via", answerVia(headers, policy));
  if (timing !== undefined) res.appendHeader("Server-Timing", timing);
  if (isEventStream(headers)) setUnbuffered(res);
}

/** nginx in front would hold events back otherwise; the target's own `X-Accel-Buffering` is withheld with all that nginx obeys. */
function setUnbuffered(res: ServerResponse): void {
  if (!res.hasHeader("X-Accel-Buffering")) res.setHeader("X-Accel-Buffering", "no");
}

/** The fields of an answer that changes the protocol, as a flat list of names and values. */
export function upgradedFields(headers: AnswerHeaders, policy: ResponsePolicy): string[] {
  const named = connectionOptions(text(headers["connection"]));
  const fields = ["Connection", "Upgrade", "Upgrade", text(headers["upgrade"]) ?? "", "Via", answerVia(headers, policy)];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === "via" || named.has(name) || policy.isWithheld(name)) continue;
    for (const one of Array.isArray(value) ? value : [value]) fields.push(name, one);
  }
  return fields;
}

/** The fields of a refusal of a target to change the protocol; those that are given win over those of the target. */
export function refusalFields(
  headers: AnswerHeaders,
  policy: ResponsePolicy,
  given: Readonly<Record<string, string>> = {},
): (readonly [name: string, value: string])[] {
  const named = connectionOptions(text(headers["connection"]));
  const own = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const passed = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name === "via" || named.has(name) || own.has(name) || policy.isWithheld(name)
      ? []
      : [value].flat().map((one) => [name, one] as const),
  );
  return [...passed, ["Via", answerVia(headers, policy)], ...Object.entries(given)];
}

/** Names of servers on the inside stay there (RFC 9110, 7.6.3), unless `Via` is passed. */
function answerVia(headers: AnswerHeaders, { viaName, isWithheld }: ResponsePolicy): string {
  const via = text(headers["via"]);
  return via === undefined || isWithheld("via") ? `1.1 ${viaName}` : `${via}, 1.1 ${viaName}`;
}

/** Fields that may not come as trailers, because they frame or steer the message (RFC 9110, 6.5.1) or say what this server decides. */
const isNoTrailer = headerMatcher([
  ...hopByHop,
  ...describing,
  ...words(`
    host authorization authentication-info www-authenticate set-cookie cookie cache-control pragma date expires warning location
    retry-after vary allow accept-* content-security-policy x-content-type-options x-frame-options x-xss-protection
    x-download-options x-dns-prefetch-control referrer-policy permissions-policy feature-policy document-policy cross-origin-*
    integrity-policy x-request-id x-correlation-id traceparent tracestate ratelimit ratelimit-* x-ratelimit-* link
  `),
]);

/** The trailers of an answer that may be passed on, or `undefined` for none. */
export function forwardableTrailers(trailers: AnswerHeaders, { isWithheld }: ResponsePolicy): Record<string, string> | undefined {
  const kept = Object.entries(trailers).filter(
    ([name, value]) => value !== undefined && !isNoTrailer(asServersRead(name)) && !isWithheld(name),
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([name, value]) => [name, text(value) ?? ""]));
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
