/** Everything before the data: `data:image/png;base64,` (RFC 2397). */
const headPattern = /data:([a-z]{1,16}\/[\w.+-]{1,80})(?:;[\w-]{1,32}=[\w.-]{1,64}){0,4};base64,/y;
const dataPattern = /[A-Za-z0-9+/]*={0,2}/y;
/** What browsers run or servers interpret stays text, and is screened. */
const activeType = /html|xml|svg|script|java|php|x-sh|flash/;
/** What would make the data longer than it looks. */
const goesOn = /[\w%+/=-]/;

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Whether a whole text is a valid `data:` URL (RFC 2397) of pictures, sound, documents or other data that nothing runs.
 *
 * It has a media type, is in base64 (RFC 4648, 4) of a possible length, and is not of a type such as `text/html` or `image/svg+xml`.
 */
export function isDataUrl(text: string): boolean {
  return text.startsWith("data:") && dataUrlAt(text, 0)?.end === text.length;
}

/** The text with its data URLs crossed out, in the same length, since base64 holds no syntax. */
export function withoutDataUrls(text: string): string {
  let at = text.indexOf("data:");
  if (at === -1) return text;
  const parts: string[] = [];
  let done = 0;
  while (at !== -1) {
    const found = dataUrlAt(text, at);
    if (found !== undefined) {
      parts.push(text.slice(done, found.start), "x".repeat(found.end - found.start));
      done = found.end;
    }
    at = text.indexOf("data:", found?.end ?? at + 1);
  }
  return done === 0 ? text : parts.join("") + text.slice(done);
}

function dataUrlAt(text: string, start: number): Span | undefined {
  headPattern.lastIndex = start;
  const head = headPattern.exec(text);
  if (head === null || activeType.test(head[1] ?? "")) return undefined;
  dataPattern.lastIndex = headPattern.lastIndex;
  const data = dataPattern.exec(text)?.[0] ?? "";
  const end = dataPattern.lastIndex;
  return isBase64Length(data) && !goesOn.test(text[end] ?? "") ? { start, end } : undefined;
}

/** Four digits for three bytes; the padding may be left out, but not be wrong. */
function isBase64Length(data: string): boolean {
  const digits = data.endsWith("=") ? data.indexOf("=", data.length - 2) : data.length;
  return digits === data.length ? digits % 4 !== 1 : data.length % 4 === 0;
}
