import { hash } from "node:crypto";

import { OptionError, optionError } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";

/** Longer tokens are refused before anything is computed from them. */
const longestToken = 4096;

/** `b64token` of RFC 6750, 2.1. */
const tokenForm = /^[\w\-.~+/]+=*$/;

export function isTokenForm(token: string): boolean {
  return token.length <= longestToken && tokenForm.test(token);
}

/** SHA-256 of a presented token or of a secret, in hex: as a text it is made three times as fast as in a buffer. */
export function digestOf(token: string): string {
  return hash("sha256", token, "hex");
}

/** The digest of a key, from its secret or as given. The errors describe what came and do not show it. */
export function readDigest(secret: unknown, sha256: unknown, path: string): string {
  if ((secret === undefined) === (sha256 === undefined)) {
    const got = secret === undefined ? "neither" : "both";
    const expected = "either `secret` or `sha256`";
    throw new OptionError({ packageName, option: path, expected, got, reason: `option \`${path}\` must have ${expected}, got ${got}` });
  }
  return secret === undefined ? readHexDigest(sha256, `${path}.sha256`) : digestOf(readSecret(secret, `${path}.secret`));
}

function readSecret(secret: unknown, path: string): string {
  if (typeof secret === "string" && isTokenForm(secret)) return secret;
  const expected = `1 to ${longestToken} letters, digits and -._~+/ with = only at the end, or no Authorization header could carry it`;
  throw optionError(packageName, path, expected, describe(secret));
}

function readHexDigest(sha256: unknown, path: string): string {
  if (typeof sha256 === "string" && /^[\da-f]{64}$/i.test(sha256)) return sha256.toLowerCase();
  throw optionError(packageName, path, "64 hex digits", describe(sha256));
}

/** What can be said about a secret in an error. */
export function describe(secret: unknown): string {
  if (typeof secret === "string") return `a string of ${secret.length} characters`;
  return secret === null ? "null" : typeof secret;
}
