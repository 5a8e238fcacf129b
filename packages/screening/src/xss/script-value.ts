const schemes = [
  "javascript:",
  "vbscript:",
  "livescript:",
  "data:text/html",
  "data:image/svg",
  "data:text/xml",
  "data:application",
  "data:text/javascript",
  "data:,",
];

/** The first signs of all that runs script, lower and upper case. */
const schemeStarts = new Uint8Array(128);
for (const sign of "jvlduf'\"") for (const each of [sign, sign.toUpperCase()]) schemeStarts[each.charCodeAt(0)] = 1;

/** Whether a URL may run script, by its first sign; one that browsers may drop says nothing. */
function mayRunScript(value: string): boolean {
  const code = value.charCodeAt(0);
  return code <= 0x20 || code >= 0x7f || code === 0x5c || schemeStarts[code] === 1;
}

/** Whether a URL runs script when it is followed; browsers drop control characters and space inside the scheme. */
export function isScriptUrl(value: string): boolean {
  if (!mayRunScript(value)) return false;
  const start = value.slice(0, 80);
  // Most URLs of a page have no scheme.
  if (!start.includes(":")) return false;
  const head = start
    .replaceAll("\\0", "")
    // oxlint-disable-next-line no-control-regex -- control characters are the point
    .replaceAll(/[\u0000-\u0020\u007f-\u00a0\ufffd\u200b-\u200d\u2028\u2029\\]/g, "")
    .toLowerCase();
  return schemes.some((scheme) => head.startsWith(scheme)) || /^(?:url\(?|feed:|view-source:|jar:)?['"]?(?:java|vb)script:/.test(head);
}

/** CSS written to be read differently by a filter and a browser: escapes, comments, unbalanced brackets, foreign pictures. */
export function isTwistedStyle(style: string): boolean {
  return /\/\*|\\[0-9a-f]|[[\]{}]|color\s*=|binding|content:\s*url|url\(\s*(?:%|['"]?[^'")]*['"]?[^)]*$)|filter:\s*progid/i.test(
    style.slice(0, 400),
  );
}

/** Names that turn data into running script, dialogs or requests, right before a call or an access. */
const sink =
  /(?:^|[^\w.$-])(?:alert|prompt|confirm|eval|settimeout|setinterval|function|fetch|import|string\.fromcharcode|unescape|atob|document\s*[.[]|window\s*[.[]|self\s*[.[]|top\s*[.[]|this\s*\[|parent\s*\[|location\s*[=.(]|globalthis|javascript:|new\s+image|constructor\s*[.([]|\$\.get|with\s*\()/i;

/** The second letters of these names and of `new`, as bits for each first one; only the lower five bits of a letter count. */
const secondLetters = new Uint32Array(32);
for (const start of "al pr co ev se fu fe im st un at do wi to th pa lo gl ja ne $.".split(" ")) {
  const first = start.charCodeAt(0) & 31;
  secondLetters[first] = (secondLetters[first] ?? 0) | (1 << (start.charCodeAt(1) & 31));
}

/** Whether one of these names may begin with two characters: nearly all commands and words begin with others. */
export function mayBeginSink(first: number, second: number): boolean {
  return ((secondLetters[first & 31] ?? 0) & (1 << (second & 31))) !== 0;
}

/** Whether a fragment of script does something that an attack shows: a dialog, a request, access to the page. */
export function hasSink(script: string): boolean {
  return sink.test(script.slice(0, 300));
}

/** Whether a style is rules on lines of their own that load and run nothing, and look at no attribute. */
export function isPlainStyle(style: string): boolean {
  return /^[ \t]*\r?\n/.test(style) && !/url|import|expression|behavio|binding|script|[[\\]/i.test(style);
}

/** Whether a style runs script or loads behaviour, in the browsers that let it. */
export function isScriptStyle(style: string): boolean {
  const plain = style
    .slice(0, 400)
    // oxlint-disable-next-line no-control-regex -- control characters are the point
    .replaceAll(/\/\*[^*]{0,40}\*\/|[\\\u0000-\u0020]/g, "")
    .toLowerCase();
  return /expression\(|behaviou?r:|javascript:|vbscript:|-moz-binding|-o-link|@import|url\(['"]?(?:data:text|\/\/)/.test(plain);
}
