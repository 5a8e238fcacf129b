/**
 * Undoes percent encoding tolerantly: `%u2215` of old servers and overlong UTF-8 such as `%c0%ae` are read as the vulnerable
 * decoders read them, and what is no escape stays. A `+` becomes a space when there was an escape.
 */
export function decodePercent(text: string): string {
  let decoded = "";
  let copied = 0;
  for (let at = text.indexOf("%"); at !== -1; at = text.indexOf("%", at + 1)) {
    const escape = readEscape(text, at);
    if (escape === undefined) continue;
    decoded += text.slice(copied, at) + escape.character;
    copied = at + escape.length;
    at = copied - 1;
  }
  return copied === 0 ? text : (decoded + text.slice(copied)).replaceAll("+", " ");
}

function readEscape(text: string, at: number): { character: string; length: number } | undefined {
  const kind = text.charCodeAt(at + 1) | 0x20;
  if (kind === 0x75) {
    const code = hexAt(text, at + 2, 4);
    return code === -1 ? undefined : { character: String.fromCharCode(code), length: 6 };
  }
  const lead = byteAt(text, at);
  return lead === -1 ? undefined : readSequence(text, at, lead);
}

function readSequence(text: string, at: number, lead: number): { character: string; length: number } {
  const more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : lead < 0xfc ? 4 : 5;
  let code = more === 0 ? lead : lead & (0x3f >> more);
  for (let index = 1; index <= more; index += 1) {
    const byte = byteAt(text, at + index * 3);
    if (byte === -1) return { character: String.fromCharCode(lead), length: 3 };
    code = (code << 6) | (byte & 0x3f);
  }
  return { character: code < 0 || code > 0x10_ffff ? "\ufffd" : String.fromCodePoint(code), length: 3 * (more + 1) };
}

function byteAt(text: string, at: number): number {
  return text.charCodeAt(at) === 0x25 ? hexAt(text, at + 1, 2) : -1;
}

function hexAt(text: string, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit === -1) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
