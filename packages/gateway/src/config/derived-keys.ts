import { hash } from "node:crypto";

import { plainKey, reversed } from "./published-keys.ts";

/** As many characters in a row are never the same in two keys that were made apart. */
const sharedCharacters = 12;

/** Whether one key tells of another: in any case and direction, whole or in good part, encoded or hashed. */
export function isDerived(one: string, other: string): boolean {
  const [a, b] = [plainKey(one), plainKey(other)];
  if (shareCharacters(a, b) || shareCharacters(reversed(a), b)) return true;
  return [...encodings(one, other), ...encodings(other, one)].some(([made, given]) => given.includes(made));
}

function encodings(from: string, other: string): [made: string, given: string][] {
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
