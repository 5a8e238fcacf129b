import type { ServerResponse } from "node:http";

import { connectionOptions } from "./hop-by-hop.ts";
import { joinValues, type ResponseHead, type ResponseHeaders } from "./response-head.ts";
import type { ResponsePolicy } from "./response-policy.ts";
import { isEventStream } from "./stream-type.ts";
import { responseVia } from "./via.ts";

/** Lists that both sides may add to. */
const joined: ReadonlySet<string> = new Set(["set-cookie", "vary", "link", "server-timing"]);

/** Headers that describe the content, which is the target's. */
export const describing: ReadonlySet<string> = new Set([
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

/** Not forwarded with content that `mergeJson` or a filter changes: validators, digests, and the length, which differs. */
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
 * Copies the headers of the target's response.
 *
 * Headers that earlier handlers set stay: security headers, CORS, rate limit, request id. The target adds to them. Lists are joined, and
 * headers that describe the content come from the target alone.
 *
 * @param changed given if the content is not the target's, with its length if that is known
 */
export function copyHeaders(res: ServerResponse, head: ResponseHead, policy: ResponsePolicy, changed?: { readonly length?: number }): void {
  const { status, headers, timing } = head;
  const named = connectionOptions(joinValues(headers["connection"]));
  // Chunked framing overrides a length (RFC 9112, 6.3), and 204 has none (RFC 9110, 8.6).
  const lengthHolds = headers["transfer-encoding"] === undefined && status !== 204;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || name === "via" || named.has(name) || policy.isWithheld(name)) continue;
    if (changed !== undefined && droppedWhenChanged.has(name)) continue;
    if (name === "content-length" && !lengthHolds) continue;
    if (describing.has(name) || !res.hasHeader(name) || policy.isOverridable(name)) res.setHeader(name, value);
    else if (joined.has(name)) res.appendHeader(name, value);
  }
  if (changed?.length !== undefined) res.setHeader("Content-Length", changed.length);
  res.setHeader("Via", responseVia(headers, policy));
  if (timing !== undefined) res.appendHeader("Server-Timing", timing);
  if (isEventStream(headers)) setUnbuffered(res);
}

/** Otherwise nginx in front would hold events back. The target's own `X-Accel-Buffering` is withheld like everything that nginx obeys. */
function setUnbuffered(res: ServerResponse): void {
  if (!res.hasHeader("X-Accel-Buffering")) res.setHeader("X-Accel-Buffering", "no");
}

/** The headers of a response that switches protocols, as a flat list of names and values. */
export function upgradedFields(headers: ResponseHeaders, policy: ResponsePolicy): string[] {
  const named = connectionOptions(joinValues(headers["connection"]));
  const fields = ["Connection", "Upgrade", "Upgrade", joinValues(headers["upgrade"]) ?? "", "Via", responseVia(headers, policy)];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === "via" || named.has(name) || policy.isWithheld(name)) continue;
    for (const one of Array.isArray(value) ? value : [value]) fields.push(name, one);
  }
  return fields;
}

/** The headers of a target's refusal to switch protocols. The `given` ones override those of the target. */
export function refusalFields(
  headers: ResponseHeaders,
  policy: ResponsePolicy,
  given: Readonly<Record<string, number | string | readonly string[] | undefined>>,
): (readonly [name: string, value: string | number])[] {
  const named = connectionOptions(joinValues(headers["connection"]));
  const own = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const passed = Object.entries(headers).filter(
    ([name]) => name !== "via" && !named.has(name) && !own.has(name) && !policy.isWithheld(name),
  );
  return [...passed.flatMap(lines), ["Via", responseVia(headers, policy)], ...Object.entries(given).flatMap(lines)];
}

type Line<T> = readonly [name: string, value: T];

/** A header line for each value. */
function lines<T extends string | number>([name, value]: Line<T | readonly T[] | undefined>): Line<T>[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value as T]).map((one: T) => [name, one]);
}
