const least = 1_024;
const kept = 65_536;

/** Collects UTF-16 code units and makes one string of them; cheaper than many small strings. */
export class CharBuffer {
  #units = new Uint16Array(least);
  #length = 0;

  /** Begins a string of at most so many code units. */
  start(capacity: number): void {
    if (this.#units.length < capacity) this.#units = new Uint16Array(capacity);
    this.#length = 0;
  }

  push(unit: number): void {
    this.#units[this.#length] = unit;
    this.#length += 1;
  }

  pushPart(text: string, start: number, end: number): void {
    const units = this.#units;
    let to = this.#length;
    for (let at = start; at < end; at += 1, to += 1) units[to] = text.charCodeAt(at);
    this.#length = to;
  }

  pushCodePoint(code: number): void {
    if (code < 0x1_0000) return this.push(code);
    this.push(0xd800 + ((code - 0x1_0000) >> 10));
    this.push(0xdc00 + ((code - 0x1_0000) & 0x3ff));
  }

  toString(): string {
    return Buffer.from(this.#units.buffer, 0, this.#length * 2).toString("utf16le");
  }

  /** Gives back the room of a very long string. */
  trim(): void {
    if (this.#units.length > kept) this.#units = new Uint16Array(least);
  }
}
