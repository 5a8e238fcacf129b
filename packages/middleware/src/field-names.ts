import { validateHeaderName } from "node:http";

const mostKnown = 1_000;

/** Valid names and their lower-case forms: there are few, and each comes with every response. */
const knownKeys = new Map<string, string>();

/**
 * The name of a header in lower case.
 *
 * @throws TypeError when it is not a valid name (RFC 9110, 5.1)
 */
export function validHeaderKey(name: string): string {
  const known = knownKeys.get(name);
  if (known !== undefined) return known;
  validateHeaderName(name);
  const key = name.toLowerCase();
  if (knownKeys.size < mostKnown) knownKeys.set(name, key);
  return key;
}

/** The name of a header in lower case, whether it is valid or not. */
export function headerKey(name: string): string {
  return knownKeys.get(name) ?? name.toLowerCase();
}

/** The headers that `node:http` reads when it writes a head: they decide length, framing and whether the connection stays open. */
const framing: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "expect",
  "keep-alive",
  "trailer",
  "transfer-encoding",
]);

/** Whether a header, its name in lower case, means something to `node:http` itself. It only writes out all others. */
export function isFramingHeader(key: string): boolean {
  return framing.has(key);
}
