import type { Line } from "./line.ts";

/** As much of a line as is compared; a sign further on in its line is judged each time. */
const longest = 64;
const before = 4;
/** No rule looks further ahead. */
const ahead = 240;

/** Remembers the last sign of each kind with its line and what follows: lines that repeat word for word are judged once. */
export class LastSites {
  readonly #text: string;
  readonly #last: { readonly offset: number; readonly site: string }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  isRepeated(at: number, line: Line, kind: number): boolean {
    if (at - line.start > longest) return false;
    const offset = at - line.start;
    const site = this.#text.slice(Math.max(0, line.start - before), at + ahead);
    const last = this.#last[kind];
    if (last?.offset === offset && last.site === site) return true;
    this.#last[kind] = { offset, site };
    return false;
  }
}
