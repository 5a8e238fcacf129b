/**
 * The text of a form that a parser has read; `undefined` if it could mean something else than what the client sent, and for what is nested.
 *
 * Parsers of nested forms turn `a=1&a=2`, `a[]=1&a[]=2` and `a[0]=1&a[1]=2` into the same list. Brackets make the text longer, so its length
 * shows that there were none: it must be one that a usual serialiser gives repeated fields.
 *
 * @param sentBytes length of the client's text; `NaN` if it is unknown
 */
export function formText(body: unknown, sentBytes: number): string | undefined {
  const form = new URLSearchParams();
  const lists: unknown[][] = [];
  for (const [name, value] of Object.entries(Object(body) as Record<string, unknown>)) {
    if (Array.isArray(value)) lists.push(value);
    for (const entry of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof entry !== "string") return undefined;
      form.append(name, entry);
    }
  }
  const text = form.toString();
  if (lists.length === 0 || keepsBrackets(body)) return text;
  return lists.every(({ length }) => length > 1) && isLengthWithoutBrackets(text, sentBytes, lists.flat().length) ? text : undefined;
}

/** Parsers of flat forms, such as `node:querystring`, leave brackets in the names, and then lists come from repeated fields alone. */
function keepsBrackets(body: unknown): boolean {
  return Object.getPrototypeOf(body) === null || Object.keys(Object(body)).some((name) => /\[[^[\]]*\]/.test(name));
}

function isLengthWithoutBrackets(text: string, sentBytes: number, entries: number): boolean {
  const { browser, qs } = usualLengths(text);
  // `%5B%5D`, and `%5B0%5D` by the serialisers that can number the entries of a list.
  const withBrackets = [...[...browser, ...qs].map((length) => length + 6 * entries), ...qs.map((length) => length + 7 * entries)];
  return [...browser, ...qs].includes(sentBytes) && !withBrackets.includes(sentBytes);
}

/**
 * Serialisers differ in a space, `+` or `%20`, and in which of `*~!'()` they encode: those of browsers are `URLSearchParams` and
 * `encodeURIComponent()`, while RFC 3986 and RFC 1738, without and with `()`, are what `qs`, Python and PHP follow.
 */
function usualLengths(text: string): { browser: number[]; qs: number[] } {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const tildes = 2 * count(/%7E/g);
  const rfc3986 = text.length - tildes + 2 * count(/\*/g);
  const spaces = 2 * count(/\+/g);
  const both = (length: number): number[] => [length, length + spaces];
  return {
    browser: [text.length, text.length - tildes - 2 * count(/%2[1789]/g)].flatMap(both),
    qs: [rfc3986, rfc3986 - 2 * count(/%2[89]/g)].flatMap(both),
  };
}
