const prototypeKeys = new Set(["__proto__", "constructor", "prototype"]);

/** Without quotes, backslashes, control and bidirectional control characters, lone surrogates, line and paragraph separators. */
const plain = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}"\\]+$/u;

/** What browsers write for quotes and line breaks, and many a reader of forms turns back into them (HTML, 4.10.21.8). */
const encoded = /%(?:22|0a|0d)/i;

/**
 * Whether a field name can be handed on without meaning anything else to its reader.
 *
 * Quotes, also encoded ones, backslashes and control characters are read differently by different parsers, and a segment such as
 * `__proto__` in `a[__proto__]` changes objects where names are unfolded.
 */
export function isSafeFieldName(name: string | undefined): name is string {
  if (name === undefined || !plain.test(name) || encoded.test(name)) return false;
  return !name.split(/[.[\]]/).some((segment) => prototypeKeys.has(segment));
}

/** Names the character set of the other fields to their reader (RFC 7578, 4.6). */
export const charsetField = "_charset_";

/** Whether a field `_charset_` says what is true of the form that is handed on. */
export function isUtf8Charset(value: string): boolean {
  return /^utf-?8$/i.test(value);
}
