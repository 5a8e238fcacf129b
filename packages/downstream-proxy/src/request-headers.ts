import type { IncomingMessage } from "node:http";

import type { BodySource } from "./body-source.ts";
import { forwardedFields, isForwardedField, writtenForwarded } from "./forwarded.ts";
import { connectionOptions, hopByHop } from "./hop-by-hop.ts";
import type { Settings } from "./read-options.ts";
import { requestVia } from "./via.ts";

/** Fields that describe the body that the client sent; they go when another one is sent. */
const describing: ReadonlySet<string> = new Set([
  "content-type",
  "content-encoding",
  "content-language",
  "content-md5",
  "content-digest",
  "repr-digest",
  "digest",
]);

/** Builds the fields of the request to the target as a flat list of names and values; `Host` and framing are undici's. */
export type MakeRequestHeaders = (req: IncomingMessage, body: BodySource) => string[];

export function prepareRequestHeaders(settings: Settings): MakeRequestHeaders {
  const dropped = droppedFields(settings);

  function clientFields({ headers, rawHeaders }: IncomingMessage, trusted: boolean, bodyIsReplaced: boolean): string[] {
    const named = connectionOptions(headers.connection);
    const fields: string[] = [];
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? "";
      const lowerCase = name.toLowerCase();
      if (dropped.has(lowerCase) || named.has(lowerCase)) continue;
      if (!trusted && isForwardedField(lowerCase)) continue;
      if (bodyIsReplaced && describing.has(lowerCase)) continue;
      fields.push(name, rawHeaders[index + 1] ?? "");
    }
    return fields;
  }

  return function makeRequestHeaders(req, body) {
    const trusted = settings.trustForwarded?.(req) === true;
    const fields = clientFields(req, trusted, body.replaced);
    if (acceptsTrailers(req)) fields.push("TE", "trailers");
    fields.push("Via", requestVia(req, settings.viaName), ...forwardedFields(req, trusted, settings), ...body.fields);
    if (settings.mergeJson !== undefined) fields.push("Accept-Encoding", "identity");
    return settings.headers === undefined ? fields : withOurs(fields, Object.entries(settings.headers(req)));
  };
}

/** Whether the client said `TE: trailers`, the only part of TE that may be passed on. */
export function acceptsTrailers(req: IncomingMessage): boolean {
  const { te } = req.headers;
  return te !== undefined && /(?:^|,)\s*trailers\s*(?:,|$)/i.test(String(te));
}

function droppedFields(settings: Settings): ReadonlySet<string> {
  const dropped = new Set([...hopByHop, ...writtenForwarded, "host", "expect", "content-length", "via"]);
  if (!settings.forwardAuthorization) dropped.add("authorization");
  if (!settings.forwardCookies) dropped.add("cookie");
  // An encoded answer could not be read and would be passed on without the members that were promised.
  if (settings.mergeJson !== undefined) dropped.add("accept-encoding");
  return dropped;
}

function withOurs(fields: readonly string[], ours: readonly (readonly [string, string | undefined])[]): string[] {
  const overridden = new Set(ours.map(([name]) => name.toLowerCase()));
  const kept: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? "";
    if (!overridden.has(name.toLowerCase())) kept.push(name, fields[index + 1] ?? "");
  }
  for (const [name, value] of ours) if (value !== undefined) kept.push(name, value);
  return kept;
}
