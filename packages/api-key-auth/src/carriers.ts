import { option, optionError } from "@aivillage/middleware";

import { packageName } from "./package-name.ts";

/**
 * Where a request carries its key or token:
 *
 * - `"authorization"`: `Authorization: Bearer <key>` (RFC 6750).
 * - `{ scheme: "ApiKey" }`: the same header with another scheme.
 * - any other header by its name, such as `"x-api-key"` or Azure's `"api-key"`.
 * - `{ cookie: "session" }`: for `EventSource` and WebSockets of browsers, which cannot set a header.
 */
export type Carrier = "authorization" | (string & {}) | { readonly scheme: string } | { readonly cookie: string };

/** Carriers, checked and sorted by kind. */
export interface Carriers {
  /** In lower case. */
  readonly schemes: readonly string[];
  /** In lower case. */
  readonly headers: readonly string[];
  readonly cookies: readonly string[];
  /** Headers other than `Authorization` that a response depends on, for `Vary`. */
  readonly varyBy: readonly string[];
  /** How to send credentials, for people. */
  readonly usage: string;
  /** What stands before and after the parameters of a challenge (RFC 9110, 11.6.1). */
  readonly challenges: readonly { readonly scheme: string; readonly parameters: string }[];
}

/** `token` of RFC 9110, 5.6.2. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** @throws OptionError for a list that is empty, and for what is no carrier */
export function readCarriers(given: readonly Carrier[]): Carriers {
  for (const [index, carrier] of given.entries()) {
    if (!token.test(nameOf(carrier))) throw optionError(packageName, `carriers[${index}]`, oneExpected, carrier);
  }
  const parts = given.map(describe);
  const cookies = given.flatMap((carrier) => (typeof carrier === "object" && "cookie" in carrier ? carrier.cookie : []));
  return {
    schemes: given.flatMap((carrier) => schemeOf(carrier)?.toLowerCase() ?? []),
    headers: given.flatMap((carrier) => (isHeader(carrier) ? carrier.toLowerCase() : [])),
    cookies,
    varyBy: [...given.filter(isHeader), ...(cookies.length > 0 ? ["Cookie"] : [])],
    usage: parts.map(({ usage }) => usage).join(" or "),
    challenges: parts.map(({ challenge: [scheme, parameters = ""] }) => ({ scheme, parameters })),
  };
}

const oneExpected = '"authorization", the name of a header, { scheme: "…" } or { cookie: "…" }';

/** The rule of the option. */
export const carriersRule = option.custom<readonly Carrier[]>(
  `a list of at least one of ${oneExpected}`,
  ["authorization"],
  (value) => Array.isArray(value) && value.length > 0,
);

export const bearerOnly = readCarriers(["authorization"]);

function nameOf(carrier: unknown): string {
  if (typeof carrier === "string") return carrier;
  const { scheme, cookie, ...more } = Object(carrier) as Record<string, unknown>;
  const names = [scheme, cookie].filter((name) => name !== undefined);
  return names.length === 1 && typeof names[0] === "string" && Object.keys(more).length === 0 ? names[0] : "";
}

function schemeOf(carrier: Carrier): string | undefined {
  if (typeof carrier === "object") return "scheme" in carrier ? carrier.scheme : undefined;
  return carrier.toLowerCase() === "authorization" ? "Bearer" : undefined;
}

function isHeader(carrier: Carrier): carrier is string {
  return typeof carrier === "string" && schemeOf(carrier) === undefined;
}

/** Headers of their own have no scheme; the challenge for them is the one that services with such a header send. */
function describe(carrier: Carrier): { usage: string; challenge: [scheme: string, parameters?: string] } {
  const scheme = schemeOf(carrier);
  if (scheme !== undefined) return { usage: `in the header \`Authorization: ${scheme} <key>\``, challenge: [scheme] };
  if (typeof carrier === "string") return { usage: `in the header \`${carrier}: <key>\``, challenge: ["ApiKey", `, header="${carrier}"`] };
  const { cookie } = carrier as { cookie: string };
  return { usage: `in the cookie \`${cookie}\``, challenge: ["Cookie", `, cookie-name="${cookie}"`] };
}
