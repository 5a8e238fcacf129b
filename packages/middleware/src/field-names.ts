import { validateHeaderName } from "node:http";

const mostKnown = 1_000;

/** Valid names and what they are in lower case: there are few, and each comes with every answer. */
const knownKeys = new Map<string, string>();

/**
 * The name of a field in lower case.
 *
 * @throws TypeError when it is no valid name
 */
export function checkedKey(name: string): string {
  const known = knownKeys.get(name);
  if (known !== undefined) return known;
  validateHeaderName(name);
  const key = name.toLowerCase();
  if (knownKeys.size < mostKnown) knownKeys.set(name, key);
  return key;
}

/** The name of a field in lower case, whether it is valid or not. */
export function keyOf(name: string): string {
  return knownKeys.get(name) ?? name.toLowerCase();
}

/** What `node:http` reads when it writes a head: from these it learns the length, the framing and what becomes of the connection. */
const nodesOwn: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "expect",
  "keep-alive",
  "trailer",
  "transfer-encoding",
]);

/** Whether a field, its name in lower case, means something to `node:http` itself. All others it only writes out. */
export function isNodesOwn(key: string): boolean {
  return nodesOwn.has(key);
}
