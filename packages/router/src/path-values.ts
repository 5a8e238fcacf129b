/** The characters of a segment (RFC 3986, 3.3), and four that browsers do not encode. */
const value = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@[\]|^]|%[\dA-Fa-f]{2})+$/;
/** The same for several segments. */
const rest = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@[\]|^/]|%[\dA-Fa-f]{2})+$/;

/**
 * What no reader may resolve to another path: a segment `.` or `..`, whatever of it and around it is encoded, and encoded
 * control characters.
 */
const misleading = /(?:^|\/|%2f|%5c)(?:\.|%2e){1,2}(?=\/|;|%2f|%5c|%3b|$)|%[01][\da-f]|%7f/i;

/** Whether a parameter accepts the segment of a path. */
export function isParameterValue(segment: string): boolean {
  return value.test(segment) && !misleading.test(segment);
}

/** Whether `{name+}` or `*` accepts the rest of a path, which is not empty. */
export function isRestValue(text: string): boolean {
  return rest.test(text) && !misleading.test(text);
}

/** Something that readers of paths decode, remove, join or write in another case. */
const readersDiffer = /[%;A-Z]|\/\//;

/**
 * The path as the most tolerant upstream server may read it: what a segment may hold decoded, and slashes, path parameters removed, slashes
 * joined (RFC 3986, 6.2.2), all in lower case.
 */
export function tolerantForm(path: string): string {
  if (!readersDiffer.test(path)) return path;
  return path
    .replaceAll(/%[\da-f]{2}/gi, decodeHarmless)
    .replaceAll(/;[^/]*/g, "")
    .replaceAll(/\/{2,}/g, "/")
    .toLowerCase();
}

function decodeHarmless(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  if (character === "\\") return "/";
  return /[\w\-.~!$&'()*+,;=:@/]/.test(character) ? character : escape;
}
