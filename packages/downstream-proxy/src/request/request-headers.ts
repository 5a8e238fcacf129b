import type { IncomingMessage } from "node:http";

import type { BodySource } from "../body/body-types.ts";
import { type FieldPolicy, type FieldRule, prepareFieldRules, type RuleOf } from "../fields/field-rules.ts";
import { pushForwarded } from "../fields/forwarded.ts";
import { connectionOptions } from "../fields/hop-by-hop.ts";
import { acceptsTrailers } from "../fields/trailers.ts";
import { requestVia } from "../fields/via.ts";
import type { Settings } from "../options/read-options.ts";

/** Builds the headers of the request to the target as a flat list of names and values; undici adds `Host` and framing. */
export type MakeRequestHeaders = (req: IncomingMessage, body: BodySource) => string[];

/** Headers that the proxy itself writes, in lower case. */
const written: ReadonlySet<string> = new Set([
  "te",
  "via",
  "x-forwarded-proto",
  "x-forwarded-for",
  "x-forwarded-host",
  "forwarded",
  "content-type",
  "content-length",
  "accept-encoding",
]);

export function prepareRequestHeaders(settings: Settings): MakeRequestHeaders {
  const ruleOf = prepareFieldRules(fieldPolicy(settings));

  return function makeRequestHeaders(req, body) {
    const trusted = settings.isFromTrustedProxy?.(req) === true;
    const ours = Object.entries(settings.headers?.(req) ?? {});
    const overridden = ours.map(([name]) => ruleOf(name).normalisedName);
    const fields: string[] = [];
    pushClientFields(fields, req, ruleOf, { trusted, bodyIsReplaced: body.replaced, overridden });
    const clientFields = fields.length;
    if (acceptsTrailers(req)) fields.push("TE", "trailers");
    const via = requestVia(req, settings.requestViaName);
    if (settings.sendForwarded) {
      fields.push("Via", via);
      pushForwarded(fields, req, trusted, settings);
    }
    for (const part of body.fields) fields.push(part);
    if (readsResponse(settings)) fields.push("Accept-Encoding", "identity");
    if (overridden.some((name) => written.has(name))) removeNames(fields, clientFields, overridden);
    for (const [name, value] of ours) if (value !== undefined) fields.push(name, value);
    return fields;
  };
}

function fieldPolicy(settings: Settings): FieldPolicy {
  const { forwardAuthorization, forwardCookies, forwardHeaders } = settings;
  const dropped: string[] = [];
  const listed = [...forwardHeaders];
  (forwardAuthorization ? listed : dropped).push("authorization");
  (forwardCookies ? listed : dropped).push("cookie");
  if (readsResponse(settings)) dropped.push("accept-encoding");
  return { ...settings, forwardHeaders: listed, dropped };
}

/** An encoded response could not be read, and would be passed on as it is. */
function readsResponse({ mergeJson, filter }: Settings): boolean {
  return mergeJson !== undefined || filter !== undefined;
}

/** What decides, together with the rule of a header, whether it is forwarded. */
interface Selection {
  readonly trusted: boolean;
  readonly bodyIsReplaced: boolean;
  /** Normalised names of the headers that the option `headers` sets. */
  readonly overridden: readonly string[];
}

function pushClientFields(fields: string[], req: IncomingMessage, ruleOf: RuleOf, selection: Selection): void {
  const { headers, rawHeaders } = req;
  const named = connectionOptions(headers.connection);
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const rule = ruleOf(name);
    if (isForwarded(rule, selection) && !named.has(rule.name)) fields.push(name, rawHeaders[index + 1] ?? "");
  }
  if (req.httpVersionMajor === 2 && headers.cookie !== undefined) joinCookies(fields, headers.cookie);
}

/** Clients of HTTP/2 may send each cookie in its own header. Elsewhere there must be one (RFC 9113, 8.2.3), which Node has made of them. */
function joinCookies(fields: string[], joined: string): void {
  const { length } = fields;
  removeNames(fields, 0, ["cookie"]);
  if (fields.length < length) fields.push("cookie", joined);
}

function isForwarded(rule: FieldRule, { trusted, bodyIsReplaced, overridden }: Selection): boolean {
  if (rule.isDropped || overridden.includes(rule.normalisedName)) return false;
  return (trusted || !rule.needsTrust) && !(bodyIsReplaced && rule.describesBody);
}

/** Removes headers with these names from `start` on. */
function removeNames(fields: string[], start: number, names: readonly string[]): void {
  for (let index = fields.length - 2; index >= start; index -= 2) {
    if (names.includes((fields[index] ?? "").toLowerCase())) fields.splice(index, 2);
  }
}
