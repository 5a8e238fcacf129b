import type { IncomingMessage } from "node:http";

import { normalisedName } from "./field-rules.ts";
import { headerMatcher, words } from "./header-patterns.ts";
import { hopByHop } from "./hop-by-hop.ts";
import { joinValues, type ResponseHeaders } from "./response-head.ts";
import { describing } from "./response-headers.ts";
import type { ResponsePolicy } from "./response-policy.ts";

/** Headers that may not be trailers, because they frame or steer the message (RFC 9110, 6.5.1) or state what this server decides. */
const isForbidden = headerMatcher([
  ...hopByHop,
  ...describing,
  ...words(`
    host authorization authentication-info www-authenticate set-cookie cookie cache-control pragma date expires warning location
    retry-after vary allow accept-* content-security-policy x-content-type-options x-frame-options x-xss-protection
    x-download-options x-dns-prefetch-control referrer-policy permissions-policy feature-policy document-policy cross-origin-*
    integrity-policy x-request-id x-correlation-id traceparent tracestate ratelimit ratelimit-* x-ratelimit-* link
  `),
]);

/** Whether the client sent `TE: trailers`, the only part of TE that may be passed on. */
export function acceptsTrailers(req: IncomingMessage): boolean {
  const { te } = req.headers;
  return te !== undefined && /(?:^|,)\s*trailers\s*(?:,|$)/i.test(String(te));
}

/** The trailers of a response that may be passed on, or `undefined` if there are none. */
export function forwardableTrailers(trailers: ResponseHeaders, { isWithheld }: ResponsePolicy): Record<string, string> | undefined {
  const kept = Object.entries(trailers).filter(
    ([name, value]) => value !== undefined && !isForbidden(normalisedName(name)) && !isWithheld(name),
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([name, value]) => [name, joinValues(value) ?? ""]));
}
