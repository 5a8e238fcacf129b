import { option, OptionError, optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "./package-name.ts";

/** A cookie that the proxy sets, by which it recognises the replica of a session. */
export interface SessionCookieOptions {
  /** Name of the cookie. Targets with other replicas need another name. */
  name: string;
  /** Keys the hash in the value, at least 32 characters. Every process needs the same one, and sessions move when it changes. */
  secret: string;
  /** `Path` of the cookie. Default `/`. */
  path?: string;
  /** Sets `Secure`: browsers send the cookie with `https:` only. Default true. */
  secure?: boolean;
  /** `SameSite` of the cookie (RFC 6265bis); `None` needs `secure`. Default `Lax`. */
  sameSite?: "Strict" | "Lax" | "None";
  /** `Max-Age` of the cookie in seconds. Default: it ends with the session of the browser. */
  maxAgeSeconds?: number;
}

/** Checked, with the attributes as they are sent. */
export interface CheckedSessionCookie {
  readonly name: string;
  readonly secret: string;
  readonly attributes: string;
}

export function readSessionCookie(given: SessionCookieOptions | undefined): CheckedSessionCookie | undefined {
  if (given === undefined) return undefined;
  const { secret, ...shown } = given;
  const rules = {
    name: option.custom("a cookie name of up to 64 characters, such as `replica`", "", isName),
    path: option.custom("a path that begins with a slash", "/", isPath),
    secure: option.boolean(true),
    sameSite: option.oneOf(["Strict", "Lax", "None"], "Lax"),
    maxAgeSeconds: option.custom<number | undefined>(
      "an integer, at least 1",
      undefined,
      (value) => Number.isInteger(value) && Number(value) > 0,
    ),
  };
  const { name, path, secure, sameSite, maxAgeSeconds } = readOptions<Omit<SessionCookieOptions, "secret">, typeof rules>(
    packageName,
    shown,
    rules,
    "sessionCookie",
  );
  if (name === "") throw optionError(packageName, "sessionCookie.name", rules.name.expected, undefined);
  // Not shown: it is a secret.
  if (typeof secret !== "string" || secret.length < 32) fail("secret", "must be a string of at least 32 characters");
  if (!secure && (sameSite === "None" || /^__(?:Host|Secure)-/i.test(name))) fail("secure", "must be true, or browsers ignore the cookie");
  if (path !== "/" && /^__Host-/i.test(name)) fail("path", "must be `/`, or browsers ignore the cookie");
  const lifetime = maxAgeSeconds === undefined ? "" : `; Max-Age=${maxAgeSeconds}`;
  return { name, secret, attributes: `; Path=${path}${lifetime}; HttpOnly${secure ? "; Secure" : ""}; SameSite=${sameSite}` };
}

function fail(name: string, expected: string): never {
  const at = `sessionCookie.${name}`;
  throw new OptionError({ packageName, option: at, expected: expected.replace(/^must be /, ""), reason: `option \`${at}\` ${expected}` });
}

function isName(value: unknown): boolean {
  return typeof value === "string" && /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(value);
}

/** A value ends at a semicolon or a control character (RFC 6265, 4.1.1). */
function isPath(value: unknown): boolean {
  return typeof value === "string" && /^\/[!-:<-~]*$/.test(value);
}
