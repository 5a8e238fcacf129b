import { isUtf8 } from "node:buffer";

const longestCharacter = 4;
const none: Buffer = Buffer.alloc(0);

/** Follows a text to its end: it must stay UTF-8 without NUL bytes, or a program could hide behind a harmless beginning. */
export class TextWatch {
  /** The beginning of a character whose other bytes come with the next chunk. */
  #begun = none;

  /** Whether the text is still one with these bytes. */
  accepts(bytes: Buffer): boolean {
    if (bytes.includes(0)) return false;
    const missing = this.#begun.length === 0 ? 0 : lengthOf(this.#begun[0] ?? 0) - this.#begun.length;
    if (missing > bytes.length) {
      this.#begun = Buffer.concat([this.#begun, bytes]);
      return true;
    }
    if (missing > 0 && !isUtf8(Buffer.concat([this.#begun, bytes.subarray(0, missing)]))) return false;
    const end = bytes.length - begunAtEnd(bytes.subarray(missing));
    // A copy, because the bytes themselves may be given back.
    this.#begun = end === bytes.length ? none : Buffer.from(bytes.subarray(end));
    return isUtf8(bytes.subarray(missing, end));
  }

  /** Whether it may end here. */
  get complete(): boolean {
    return this.#begun.length === 0;
  }
}

/** How many bytes at the end begin a character that lacks others. */
function begunAtEnd(bytes: Buffer): number {
  for (let back = 1; back < longestCharacter && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return lengthOf(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function lengthOf(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
