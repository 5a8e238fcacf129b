import type { Line } from "./line.ts";

/** As much of a line as is compared; a sign further on in its line is judged each time. */
const longest = 64;
const before = 4;
/** No rule looks further ahead. */
const ahead = 240;

/** Remembers the last sign of a kind with its line and what follows: lines that repeat word for word are judged once. */
export class LastSite {
  readonly #text: string;
  #offset = -1;
  #start = 0;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isRepeated(at: number, line: Line): boolean {
    const offset = at - line.start;
    if (offset > longest) return false;
    const start = Math.max(0, line.start - before);
    if (offset === this.#offset && this.#isSame(start, at)) return true;
    this.#offset = offset;
    this.#start = start;
    this.#at = at;
    return false;
  }

  #isSame(start: number, at: number): boolean {
    const text = this.#text;
    if (text.charCodeAt(start) !== text.charCodeAt(this.#start)) return false;
    return text.slice(start, at + ahead) === text.slice(this.#start, this.#at + ahead);
  }
}
