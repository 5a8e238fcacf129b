const maxMembers = 32;
const maxChars = 512;
/** When the list is too long, members above this go first (Trace Context, 3.3.1.5). */
const largeChars = 128;

/** Trace Context Level 2, 3.3.1.3: `key=value`; the value may hold spaces but not end in one. */
const member = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/**
 * Reads a `tracestate` (W3C Trace Context, 3.3) and writes it for the next hop: the same members in the same order.
 *
 * `undefined` when it is empty, malformed or has more than 32 members. One of more than 512 characters loses whole members:
 * first those above 128 characters, then from the end.
 */
export function parseTracestate(text: string): string | undefined {
  const members = text
    .split(",")
    .map(trimBlanks)
    .filter((entry) => entry !== "");
  if (members.length === 0 || members.length > maxMembers || !members.every((entry) => member.test(entry))) return undefined;
  return shorten(members);
}

/** Spaces and tabs only; `trim()` would also take characters that make the member malformed. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function shorten(members: readonly string[]): string | undefined {
  const whole = members.join(",");
  if (whole.length <= maxChars) return whole;
  const kept = members.filter((entry) => entry.length <= largeChars);
  while (kept.join(",").length > maxChars) kept.pop();
  return kept.length === 0 ? undefined : kept.join(",");
}
