import type { Line } from "./line.ts";

/** As much of a line as is compared; a sign further on in its line is judged each time. */
const longest = 64;
const before = 4;
/** No rule looks further ahead. */
const ahead = 240;

/** Remembers the last sign of a kind with its line and what follows: lines that repeat word for word are judged once. */
export class LastSite {
  readonly #text: string;
  #line = 0;
  #offset = -1;

  constructor(text: string) {
    this.#text = text;
  }

  isRepeated(at: number, line: Line): boolean {
    const offset = at - line.start;
    if (offset > longest) return false;
    if (offset === this.#offset && this.#site(line.start, offset) === this.#site(this.#line, offset)) return true;
    this.#line = line.start;
    this.#offset = offset;
    return false;
  }

  #site(line: number, offset: number): string {
    return this.#text.slice(Math.max(0, line - before), line + offset + ahead);
  }
}
