import { option, OptionError, optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";

/** Where the public keys of an issuer are: give either `url` or `file`. */
export interface JwkSetOptions {
  /** URL of the issuer's JWK Set (RFC 7517): `https:`, or `http:` on a loopback address. Redirects are not followed. */
  url?: string;
  /** File with a JWK Set. It is read when the set is made, and again when the keys are due for a refresh. */
  file?: string;
  /** Age at which keys are loaded again in the background, in milliseconds. Default 600,000. */
  maxAgeMs?: number;
  /** Age up to which keys are used while they cannot be loaded again, in milliseconds. Default 86,400,000, a day. */
  maxStaleMs?: number;
  /** Least time between two loads, in milliseconds, however many tokens name a key that is not in the set. Default 30,000. */
  cooldownMs?: number;
  /** How long a load may take, in milliseconds. Default 5,000. */
  timeoutMs?: number;
  /** Largest JWK Set in bytes. Default 262,144. */
  maxBytes?: number;
}

export type JwkSetSettings = ReturnType<typeof readJwkSetOptions>;

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

export function readJwkSetOptions(given: JwkSetOptions) {
  const { url, ...settings } = readOptions(packageName, given, {
    url: option.custom<string | undefined>("a URL", undefined, isText),
    file: option.custom<string | undefined>("the path of a file", undefined, isText),
    maxAgeMs: option.integer(600_000, { min: 1, max: 86_400_000 }),
    maxStaleMs: option.integer(86_400_000, { min: 1 }),
    cooldownMs: option.integer(30_000, { min: 1, max: 3_600_000 }),
    timeoutMs: option.integer(5_000, { min: 1, max: 60_000 }),
    maxBytes: option.integer(262_144, { min: 1, max: 16_777_216 }),
  });
  if ((url === undefined) === (settings.file === undefined)) {
    const got = url === undefined ? "neither" : "both";
    const reason = `a JwkSet needs either \`url\` or \`file\`, got ${got}`;
    throw new OptionError({ packageName, option: "url", expected: "given, or `file`", got, reason });
  }
  return { ...settings, url: url === undefined ? undefined : readUrl(url) };
}

/** The errors do not quote the URL, which may hold a password. */
function readUrl(text: string): URL {
  const expected = "an https: URL without credentials, or an http: URL of a loopback address";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url !== undefined && isSafe && url.username === "" && url.password === "") return url;
  throw optionError(packageName, "url", expected, url === undefined ? "no URL" : `a URL of ${url.protocol}//${url.host}`);
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
