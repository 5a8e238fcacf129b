const least = 4_096;
const kept = 131_072;

/** Room for the UTF-16 code units of a text: several times cheaper to look at one by one than the string. */
export class CodeUnits {
  /** The code units of the last text, from position 1 on, between zeros. */
  units = new Uint16Array(least);
  #bytes = Buffer.from(this.units.buffer);

  write(text: string): void {
    const end = text.length + 1;
    if (this.units.length < end + 2) this.#makeRoom(2 ** Math.ceil(Math.log2(end + 2)));
    this.#bytes.write(text, 2, "utf16le");
    this.units[end] = 0;
    this.units[end + 1] = 0;
  }

  /** Gives back the room of a very long text. */
  trim(): void {
    if (this.units.length > kept) this.#makeRoom(least);
  }

  #makeRoom(size: number): void {
    this.units = new Uint16Array(size);
    this.#bytes = Buffer.from(this.units.buffer);
  }
}
