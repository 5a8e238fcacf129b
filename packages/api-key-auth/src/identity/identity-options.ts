import type { IncomingMessage } from "node:http";

import { option, OptionError, readOptions, returns } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";

/** Options of `identityToken()`. */
export interface IdentityTokenOptions {
  /**
   * A private key (PEM, PKCS #8) for EdDSA, ES256 or RS256, or at least 32 characters for HS256. A function is called for each request, so
   * that a key can be replaced without a restart.
   */
  key: string | (() => string);
  /** `iss` of the token: the name of this app. */
  issuer: string;
  /** `aud` of the token: the service that it is for. */
  audience: string;
  /** How long a token is valid, in milliseconds, rounded down to seconds. Default 60,000. */
  lifetimeMs?: number;
  /** Further claims. They may replace `tier`, and never `iss`, `aud`, `sub`, `scope`, `iat` and `exp`. Default: none. */
  claims?: (req: IncomingMessage) => Record<string, unknown>;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  now?: () => number;
}

export function readIdentityTokenOptions(given: IdentityTokenOptions) {
  const { key, ...rest } = readOptions(packageName, given, {
    // Checked below, by an error that does not show what came.
    key: option.custom<string | (() => string)>("", "", () => true),
    issuer: option.string(""),
    audience: option.string(""),
    lifetimeMs: option.integer(60_000, { min: 1_000, max: 86_400_000 }),
    claims: option.function<(req: IncomingMessage) => Record<string, unknown>>(() => ({}), returns.object),
    now: option.function<() => number>(() => Date.now()),
  });
  if (key === "" || (typeof key !== "string" && typeof key !== "function")) throw missing("key", "a text or a function that returns one");
  if (rest.issuer === "") throw missing("issuer", "a non-empty string");
  if (rest.audience === "") throw missing("audience", "a non-empty string");
  return { ...rest, keyText: typeof key === "string" ? () => key : key };
}

function missing(name: string, expected: string): OptionError {
  return new OptionError({ packageName, option: name, expected });
}
