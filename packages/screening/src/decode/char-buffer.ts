const kept = 65_536;
let spare: Uint16Array = new Uint16Array(1_024);

/** Collects UTF-16 code units and makes one string of them; cheaper than many small strings. */
export class CharBuffer {
  readonly #units: Uint16Array;
  #length = 0;

  /** Takes the room that the last buffer left, so only one may be in use at a time. */
  constructor(capacity: number) {
    this.#units = capacity <= spare.length ? spare : new Uint16Array(capacity);
    if (this.#units.length <= kept) spare = this.#units;
  }

  get length(): number {
    return this.#length;
  }

  push(unit: number): void {
    this.#units[this.#length] = unit;
    this.#length += 1;
  }

  pushCodePoint(code: number): void {
    if (code < 0x1_0000) return this.push(code);
    this.push(0xd800 + ((code - 0x1_0000) >> 10));
    this.push(0xdc00 + ((code - 0x1_0000) & 0x3ff));
  }

  toString(): string {
    return Buffer.from(this.#units.buffer, 0, this.#length * 2).toString("utf16le");
  }
}

export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The value of this many hexadecimal digits, or -1. */
export function hexAt(text: string, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit === -1) return -1;
    value = value * 16 + digit;
  }
  return value;
}
