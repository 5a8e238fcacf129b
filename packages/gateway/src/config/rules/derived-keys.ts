import { hash } from "node:crypto";

import { plainKey, reversed } from "./published-keys.ts";

/** As many characters in a row are never the same in two keys that were made apart. */
const sharedCharacters = 12;

/** What is left of a key without its label, at least, to be judged by itself. */
const leastCharacters = 32;

/** Whether one key reveals another: in any case and direction, whole or in large part, encoded or hashed. A shared label reveals nothing. */
export function isDerived(one: string, other: string): boolean {
  const bare = withoutLabels(one, other);
  const [a, b] = [plainKey(bare[0]), plainKey(bare[1])];
  if (shareCharacters(a, b) || shareCharacters(reversed(a), b)) return true;
  return [[one, other] as const, bare].some(([left, right]) =>
    [...encodings(left, right), ...encodings(right, left)].some(([made, given]) => given.includes(made)),
  );
}

/** Without what both begin or end with, such as `acme-prod-`, when it is a word or ends at a separator, and enough is left. */
function withoutLabels(one: string, other: string): readonly [string, string] {
  const [a, b] = withoutLabel(one, other);
  const [c, d] = withoutLabel(reversed(a), reversed(b));
  return [reversed(c), reversed(d)];
}

function withoutLabel(one: string, other: string): readonly [string, string] {
  const same = Array.from(one).findIndex((character, index) => character !== other[index]);
  const [label = ""] = /^(.*[-_.:]|[a-z]+)/.exec(one.slice(0, same === -1 ? one.length : same)) ?? [];
  const isEnoughLeft = Math.min(one.length, other.length) - label.length >= leastCharacters;
  return isEnoughLeft ? [one.slice(label.length), other.slice(label.length)] : [one, other];
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
