import { hash } from "node:crypto";

import { developmentKeys } from "./development-keys.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { isGuessable } from "./guessable.ts";
import { containsPublishedKey, plainKey, reversed } from "./published-keys.ts";

/** How to get a key that passes. */
export const newKey = "make one with `openssl rand -hex 32`";

/** As many characters in a row are never the same in two keys that were made apart. */
const sharedCharacters = 12;

type Keys = GatewayConfig["auth"];

/** The previous secret is as good as the current one for whoever knows it. */
function namesOf({ apiKey, secretKey, secretKeyPrevious }: Keys): [name: string, key: string][] {
  return [
    ["API_KEY", apiKey],
    ["SECRET_KEY", secretKey],
    ...(secretKeyPrevious === "" ? [] : [["SECRET_KEY_PREVIOUS", secretKeyPrevious] satisfies [string, string]]),
  ];
}

export function publishedKeyProblems(auth: Keys): string[] {
  return namesOf(auth).flatMap(([name, key]) => {
    if (!containsPublishedKey(key)) return [];
    const what = isDevelopmentKey(key) ? "is the public development key" : "contains a key from the public documentation";
    return [`${name} ${what} in production: ${newKey}`];
  });
}

/** The names of the settings that still have their public default. */
export function publicDefaults(auth: Keys): string[] {
  return namesOf(auth).flatMap(([name, key]) => (isDevelopmentKey(key) ? [name] : []));
}

function isDevelopmentKey(key: string): boolean {
  return Object.values<string>(developmentKeys).includes(key);
}

/** A key that is published is not called short or guessable too. */
export function shortKeyProblems(auth: Keys): string[] {
  return namesOf(auth).flatMap(([name, key]) =>
    key.length < 32 && !containsPublishedKey(key)
      ? [`${name} has ${key.length} characters in production, at least 32 are needed: ${newKey}`]
      : [],
  );
}

export function guessableKeyProblems(auth: Keys): string[] {
  return namesOf(auth).flatMap(([name, key]) =>
    key.length >= 32 && !containsPublishedKey(key) && isGuessable(key)
      ? [`${name} is guessable in production, it follows words, sequences or repetitions: ${newKey}`]
      : [],
  );
}

export function derivedKeyProblems({ apiKey, secretKey }: Keys): string[] {
  if (apiKey === secretKey) return [`API_KEY and SECRET_KEY are the same in production: ${newKey} for each`];
  if (!isDerived(apiKey, secretKey)) return [];
  return [`SECRET_KEY is derived from API_KEY in production, so every client can sign tokens: ${newKey}, apart from the other`];
}

/** In any case and direction, whole or in good part, encoded or hashed. */
function isDerived(apiKey: string, secretKey: string): boolean {
  const [api, secret] = [plainKey(apiKey), plainKey(secretKey)];
  if (shareCharacters(api, secret) || shareCharacters(reversed(api), secret)) return true;
  return [...encodings(apiKey, secretKey), ...encodings(secretKey, apiKey)].some(([made, other]) => other.includes(made));
}

function encodings(from: string, other: string): [made: string, other: string][] {
  const hashes = ["md5", "sha1", "sha256", "sha512"].flatMap((name) => [hash(name, from, "hex"), hash(name, from, "base64")]);
  const texts = (["hex", "base64"] as const).map((encoding) => Buffer.from(from).toString(encoding));
  // The first 32 characters of a digest make a key too.
  return [...hashes, ...texts].map((made) => [plainKey(made).slice(0, 32), plainKey(other)]);
}

function shareCharacters(a: string, b: string): boolean {
  const length = Math.min(sharedCharacters, a.length, b.length);
  if (length < 8) return false;
  for (let start = 0; start + length <= a.length; start += 1) if (b.includes(a.slice(start, start + length))) return true;
  return false;
}
