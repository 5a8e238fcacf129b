import type { IncomingMessage, ServerResponse } from "node:http";

import helmet from "helmet";

import type { readSecurityHeadersOptions } from "./options.ts";
import { type CspDirectives, readCspDirectives } from "./policies/content-security-policy.ts";
import { writePermissionsPolicy } from "./policies/permissions-policy.ts";
import { cspPresets } from "./presets.ts";

type Options = ReturnType<typeof readSecurityHeadersOptions>;

/** Names and values, ready to be written. */
export type PreparedHeaders = readonly (readonly [name: string, value: string])[];

/** Two years, the minimum of the browsers' preload list being one (RFC 6797; hstspreload.org). */
const strictTransportSecurity = { maxAge: 63_072_000, includeSubDomains: true, preload: true };

/** Runs helmet once and merges what it sends with our own values; the request path only copies the result. */
export function prepareHeaders({ preset, contentSecurityPolicy, permissionsPolicy, headers }: Options): PreparedHeaders {
  const merged = new Map(helmetHeaders());
  merged.set("X-Frame-Options", "DENY");
  merged.set("X-XSS-Protection", "1; mode=block");
  if (contentSecurityPolicy !== false) merged.set("Content-Security-Policy", toCsp(cspPresets[preset], contentSecurityPolicy));
  if (permissionsPolicy !== false) merged.set("Permissions-Policy", writePermissionsPolicy(permissionsPolicy));
  for (const [name, value] of Object.entries(headers)) override(merged, name, value);
  return [...merged];
}

function helmetHeaders(): [string, string][] {
  const sent: [string, string][] = [];
  const recorder = { setHeader: (name: string, value: string) => sent.push([name, value]), removeHeader: () => undefined };
  const middleware = helmet({
    contentSecurityPolicy: false,
    strictTransportSecurity,
    referrerPolicy: { policy: "strict-origin-when-cross-origin" },
  });
  middleware({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined);
  return sent;
}

function toCsp(preset: CspDirectives, own: CspDirectives): string {
  return [...new Map([...readCspDirectives(preset), ...readCspDirectives(own)])]
    .filter(([, sources]) => sources !== false)
    .map(([name, sources]) => [name, ...(sources || [])].join(" "))
    .join("; ");
}

function override(merged: Map<string, string>, name: string, value: string | false): void {
  for (const known of merged.keys()) if (known.toLowerCase() === name.toLowerCase()) merged.delete(known);
  if (value !== false) merged.set(name, value);
}
