/** Signs before `=` that end a plain name, a tag or an operator: letters, digits, `<`, `>` and `=`. */
const plain = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) if (/[a-z0-9<>=]/i.test(String.fromCharCode(code))) plain[code] = 1;

/** Finds signs `=` after space or noise, in stretches of a text that are asked for in their order. */
export class NoisyEquals {
  readonly #text: string;
  /** The first of these signs that was not passed. */
  #at = -1;

  constructor(text: string) {
    this.#text = text;
  }

  isAnyBetween(start: number, end: number): boolean {
    if (this.#at < start) this.#at = this.#next(start);
    return this.#at < end;
  }

  /** The next one from a position on, or infinity. */
  #next(from: number): number {
    const text = this.#text;
    let at = text.indexOf("=", from);
    while (at !== -1 && plain[text.charCodeAt(at - 1)] === 1) at = text.indexOf("=", at + 1);
    return at === -1 ? Infinity : at;
  }
}
