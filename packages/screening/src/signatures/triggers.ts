import type { AttackClass } from "../finding.ts";
import type { Form } from "./signature.ts";

/** What a word or a pair of signs brings along. */
export interface Trigger {
  traits: number;
  /** The traits and forms that count only where a sign follows. */
  beforeSign: number;
  readonly forms: TriggeredForm[];
  readonly formsBeforeSign: TriggeredForm[];
}

/** A form, ready to be tried at a place. */
export interface TriggeredForm {
  readonly id: string;
  readonly class: AttackClass;
  readonly rule: string;
  readonly score: number;
  readonly form: RegExp;
}

const places = 32_768;
const rows = 256;
export const anyLength = 255;
const columns = 128;

/** Words and pairs of signs, each a number that leads to its trigger; 0 for none. */
export class Triggers {
  readonly list: Trigger[] = [emptyTrigger()];
  /** Words by the hash of their letters; two words may share a place, which costs a needless look and nothing else. */
  readonly words = new Uint16Array(places);
  /** The length of the word at each place, which tells most of the others apart; `anyLength` where there are several. */
  readonly lengths = new Uint8Array(places);
  readonly pairs = new Uint16Array(rows * columns);

  constructor(forms: readonly Form[]) {
    for (const [id, score, on, form] of forms) {
      const [attackClass, rule = ""] = id.split("/");
      const triggered = { id, class: attackClass as AttackClass, rule, score, form: new RegExp(form.source, `${form.flags}y`) };
      for (const name of on.split(" ")) this.#attach(name, triggered);
    }
  }

  addWords(trait: number, words: string): void {
    for (const word of words.split(" ")) this.#word(word).traits |= trait;
  }

  /** The trait counts only where the word stands right before a sign. */
  addWordsBeforeSign(trait: number, words: string): void {
    for (const word of words.split(" ")) this.#word(word).beforeSign |= trait;
  }

  #attach(name: string, form: TriggeredForm): void {
    if (/^[a-z]+!$/.test(name)) this.#word(name.slice(0, -1)).formsBeforeSign.push(form);
    else if (/^[a-z]+$/.test(name)) this.#word(name).forms.push(form);
    else for (const pair of pairsOf(name)) this.#get(this.pairs, pair).forms.push(form);
  }

  #word(word: string): Trigger {
    const place = placeOf(hashOf(word));
    const known = this.lengths[place] ?? 0;
    this.lengths[place] = known === 0 || known === word.length ? word.length : anyLength;
    return this.#get(this.words, place);
  }

  #get(table: Uint16Array, place: number): Trigger {
    const known = this.list[table[place] ?? 0];
    if (known !== undefined && table[place] !== 0) return known;
    table[place] = this.list.length;
    const made = emptyTrigger();
    this.list.push(made);
    return made;
  }
}

function emptyTrigger(): Trigger {
  return { traits: 0, beforeSign: 0, forms: [], formsBeforeSign: [] };
}

/** `''`, `{A`, `(`, `CR`: the places in the table of pairs. */
function pairsOf(name: string): number[] {
  const [first, second] = name === "CR" ? "\r" : name;
  const row = (first ?? "").charCodeAt(0) * columns;
  const every = Array.from({ length: columns }, (_, code) => code);
  return every.filter((code) => second === undefined || isInClass(code, second)).map((code) => row + code);
}

function isInClass(code: number, sign: string): boolean {
  const character = String.fromCharCode(code);
  if (sign === "A") return /[a-z]/i.test(character);
  if (sign === "S") return code === 0x20 || code === 0x09;
  return sign === "0" ? /\d/.test(character) : character === sign;
}

/** The place of a pair of code units in the table; what is not ASCII counts as one and the same. */
export function pairPlace(code: number, next: number): number {
  return code * columns + (next < columns ? next : columns - 1);
}

export function placeOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (places - 1);
}

/** The hash of the letters of a word in lower case, as the first pass makes it. */
function hashOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at += 1) hash = (Math.imul(hash, 31) + word.charCodeAt(at)) | 0;
  return hash;
}
