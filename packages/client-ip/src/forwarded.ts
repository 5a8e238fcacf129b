import { addressOfNode } from "./address.ts";

/**
 * The `for` nodes of a `Forwarded` header (RFC 7239), the last element first and at most `limit` of them; `undefined` for an
 * element that names no address: malformed, without `for`, `unknown` or obfuscated.
 *
 * It is read from the right, quotes included: each proxy appends a well-formed element, so that an open quote which a client
 * sends cannot swallow what the proxies behind it have appended.
 */
export function* readForwarded(value: string, limit: number): Generator<string | undefined> {
  let end = value.length;
  for (let count = 0; count < limit && end >= 0; count += 1) {
    const comma = lastComma(value, end);
    const node = forNode(value.slice(comma + 1, end).trim());
    yield node === undefined ? undefined : addressOfNode(node);
    end = comma;
  }
}

/** Where the element that ends before `end` begins: the last comma outside of quotes, or -1. */
function lastComma(value: string, end: number): number {
  let quoted = false;
  for (let at = end - 1; at >= 0; at -= 1) {
    const character = value[at];
    if (character === '"' && !(quoted && isEscaped(value, at))) quoted = !quoted;
    else if (character === "," && !quoted) return at;
  }
  return -1;
}

/** Whether an odd number of backslashes stands before the character. */
function isEscaped(value: string, at: number): boolean {
  let start = at;
  while (start > 0 && value[start - 1] === "\\") start -= 1;
  return (at - start) % 2 === 1;
}

/** `name=token` or `name="quoted"`, with the semicolons after it. */
const pair = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[^"\\]|\\[^])*)")[ \t]*(?:;[ \t;]*|$)/y;

/** The value of the one `for` parameter; `undefined` when the element is malformed or has none or two. */
function forNode(element: string): string | undefined {
  let node: string | undefined;
  for (let at = 0; at < element.length; at = pair.lastIndex) {
    pair.lastIndex = at;
    const [, name, token, quoted = ""] = pair.exec(element) ?? [];
    if (name === undefined) return undefined;
    if (name.toLowerCase() !== "for") continue;
    if (node !== undefined) return undefined;
    node = token ?? quoted.replaceAll(/\\([^])/g, "$1");
  }
  return node;
}
