import type { ServerResponse } from "node:http";

import { connectionOptions, hopByHop } from "./hop-by-hop.ts";

/** Field names in lower case; an array where a field came more than once. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Status and fields of the target's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Added to `Server-Timing`. */
  readonly timing?: string | undefined;
}

/** Never forwarded: what concerns the connection, and what tells about the software behind. */
const dropped: ReadonlySet<string> = new Set([...hopByHop, "server", "x-powered-by", "via"]);

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

/** Whether the content is server-sent events. */
export function isEventStream({ "content-type": type }: AnswerHeaders): boolean {
  return typeof type === "string" && /^text\/event-stream\b/i.test(type);
}

/** Never forwarded with a content that `mergeJson` has changed: validators, digests, and the length, which is another one. */
const droppedWhenChanged: ReadonlySet<string> = new Set([
  ...dropped,
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
export function copyHeaders(res: ServerResponse, { status, headers, timing }: AnswerHead, viaName: string, changedLength?: number): void {
  const named = connectionOptions(text(headers["connection"]));
  const left = changedLength === undefined ? dropped : droppedWhenChanged;
  // Chunked framing wins over a length (RFC 9112, 6.3), and 204 has none (RFC 9110, 8.6).
  const lengthHolds = headers["transfer-encoding"] === undefined && status !== 204;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || left.has(name) || named.has(name)) continue;
    if (name === "content-length" && !lengthHolds) continue;
    if (describing.has(name) || !res.hasHeader(name)) res.setHeader(name, value);
    else if (joined.has(name)) res.appendHeader(name, value);
  }
  if (changedLength !== undefined) res.setHeader("Content-Length", changedLength);
  res.setHeader("Via", answerVia(headers, viaName));
  if (timing !== undefined) res.appendHeader("Server-Timing", timing);
}

/** The fields of an answer that changes the protocol, as a flat list of names and values. */
export function upgradedFields(headers: AnswerHeaders, viaName: string): string[] {
  const named = connectionOptions(text(headers["connection"]));
  const fields = ["Connection", "Upgrade", "Upgrade", text(headers["upgrade"]) ?? "", "Via", answerVia(headers, viaName)];
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || dropped.has(name) || named.has(name)) continue;
    for (const one of Array.isArray(value) ? value : [value]) fields.push(name, one);
  }
  return fields;
}

function answerVia(headers: AnswerHeaders, viaName: string): string {
  const via = text(headers["via"]);
  return via === undefined ? `1.1 ${viaName}` : `${via}, 1.1 ${viaName}`;
}

/** Fields that may not come as trailers, because they frame or steer the message (RFC 9110, 6.5.1). */
const noTrailer: ReadonlySet<string> = new Set([...hopByHop, ...describing, "host", "set-cookie", "cache-control", "www-authenticate"]);

/** The trailers of an answer that may be passed on, or `undefined` for none. */
export function forwardableTrailers(trailers: AnswerHeaders): Record<string, string> | undefined {
  const kept = Object.entries(trailers).filter(([name, value]) => value !== undefined && !noTrailer.has(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([name, value]) => [name, text(value) ?? ""]));
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
