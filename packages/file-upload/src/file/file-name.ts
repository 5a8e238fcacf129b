/** C0, C1, lone surrogates, line and paragraph separators, bidirectional controls, zero-width space and byte order mark. */
const invisible = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200B\uFEFF]/gu;
/**
 * Also percent-encoded, together with control characters and slashes: browsers write quotes and line breaks so (HTML, 4.10.21.8), and many
 * a reader of forms turns them back.
 */
const reservedCharacters = /[<>:"|?*]|%(?:[01][\da-f]|2[2af]|3[acef]|5c|7[cf])/gi;
const reservedNames = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const longestExtension = 16;

/**
 * Makes one harmless path component of what a client calls its file.
 *
 * Only what follows the last slash or backslash stays; invisible and bidirectional control characters go, the rest is brought to
 * NFC; characters and device names that Windows reserves, and encoded quotes and line breaks, are replaced, dots and spaces at both ends are cut. What is longer than
 * `maxBytes` in UTF-8 is shortened before its extension. Nothing left is `upload`. Normalising twice changes nothing.
 */
export function normaliseFileName(given: string, maxBytes: number): string {
  const visible = visibleText(given);
  const component = visible.slice(Math.max(visible.lastIndexOf("/"), visible.lastIndexOf("\\")) + 1);
  const harmless = trim(component.replace(reservedCharacters, "_")).replace(reservedNames, "_$&");
  return trim(shorten(harmless, maxBytes)) || "upload";
}

/** What of a name can be seen, in NFC. */
function visibleText(name: string): string {
  return name.replace(invisible, "").normalize("NFC");
}

/** Cuts dots and white space at both ends in linear time. */
function trim(name: string): string {
  let start = 0;
  let end = name.length;
  while (start < end && isDotOrSpace(name, start)) start += 1;
  while (end > start && isDotOrSpace(name, end - 1)) end -= 1;
  return name.slice(start, end);
}

const isDotOrSpace = (name: string, index: number): boolean => name[index] === "." || /\s/.test(name.charAt(index));

function shorten(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= Math.min(longestExtension, maxBytes - 1) ? name.slice(dot) : "";
  let room = maxBytes - Buffer.byteLength(extension);
  let stem = "";
  for (const character of name) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem + extension;
}
