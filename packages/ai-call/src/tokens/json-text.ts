import type { TokenEstimate } from "./token-estimate.ts";

const backslash = 0x5c;
const escapes = new Map(Array.from("bfnrt", (letter, index) => [letter.charCodeAt(0), "\b\f\n\r\t".charCodeAt(index)]));

/** Adds the text of a JSON string, given as its bytes between the quotes, without building it. */
export function addJsonText(estimate: TokenEstimate, bytes: Buffer, start: number, end: number): void {
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80 && byte !== backslash) {
      estimate.add(byte);
      at += 1;
    } else {
      at = byte === backslash ? addEscape(estimate, bytes, at + 1) : addMultibyte(estimate, bytes, at, byte);
    }
  }
}

/** Adds an escaped character and returns the position after it. Halves of a surrogate pair count as two characters. */
function addEscape(estimate: TokenEstimate, bytes: Buffer, at: number): number {
  const letter = bytes[at] ?? 0;
  if (letter !== 0x75) {
    estimate.add(escapes.get(letter) ?? letter);
    return at + 1;
  }
  estimate.add(Number.parseInt(bytes.toString("latin1", at + 1, at + 5), 16) || 0);
  return at + 5;
}

/** Adds a character of two to four bytes of UTF-8 (RFC 3629, 3) and returns the position after it. */
function addMultibyte(estimate: TokenEstimate, bytes: Buffer, at: number, lead: number): number {
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  let code = lead & (0xff >> (length + 1));
  for (let offset = 1; offset < length; offset += 1) code = (code << 6) | ((bytes[at + offset] ?? 0) & 0x3f);
  estimate.add(code);
  return at + length;
}
