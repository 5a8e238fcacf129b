import type { AttackClass } from "../finding.ts";

/**
 * A signature that is an attack wherever it stands: id of the rule, score, where to look, and the pattern.
 *
 * `on` lists triggers: words of letters, `word!` where a sign has to follow, and signs as one character or a pair, in which `A`
 * stands for any letter, `0` for any digit and `S` for a space; `CR` is a carriage return. The pattern is tried at the trigger and nowhere else, so
 * what stands before it is a look behind. All repetitions are bounded, and each try takes constant time.
 */
export type Signature = readonly [id: string, score: number, on: string, pattern: RegExp];

/** What a word or a pair of signs brings along. */
export interface Trigger {
  traits: number;
  /** The traits and signatures that count only where a sign follows. */
  beforeSign: number;
  readonly signatures: TriggeredSignature[];
  readonly signaturesBeforeSign: TriggeredSignature[];
}

/** A signature, ready to be tried at a position. */
export interface TriggeredSignature {
  readonly id: string;
  readonly class: AttackClass;
  readonly rule: string;
  readonly score: number;
  readonly pattern: RegExp;
}

const slots = 32_768;
const rows = 256;
export const anyLength = 255;
const columns = 128;

/** Words and pairs of signs, each a number that leads to its trigger; 0 for none. */
export class Triggers {
  readonly list: Trigger[] = [emptyTrigger()];
  /** Words by the hash of their letters; two words may share a slot, which costs a needless look and nothing else. */
  readonly words = new Uint16Array(slots);
  /** The length of the word at each slot, which distinguishes most of the others; `anyLength` where there are several. */
  readonly lengths = new Uint8Array(slots);
  readonly pairs = new Uint16Array(rows * columns);

  constructor(signatures: readonly Signature[]) {
    for (const [id, score, on, pattern] of signatures) {
      const [attackClass, rule = ""] = id.split("/");
      const triggered = { id, class: attackClass as AttackClass, rule, score, pattern: new RegExp(pattern.source, `${pattern.flags}y`) };
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

  #attach(name: string, signature: TriggeredSignature): void {
    if (/^[a-z]+!$/.test(name)) this.#word(name.slice(0, -1)).signaturesBeforeSign.push(signature);
    else if (/^[a-z]+$/.test(name)) this.#word(name).signatures.push(signature);
    else for (const pair of pairsOf(name)) this.#get(this.pairs, pair).signatures.push(signature);
  }

  #word(word: string): Trigger {
    const slot = slotOf(hashOf(word));
    const known = this.lengths[slot] ?? 0;
    this.lengths[slot] = known === 0 || known === word.length ? word.length : anyLength;
    return this.#get(this.words, slot);
  }

  #get(table: Uint16Array, slot: number): Trigger {
    const known = this.list[table[slot] ?? 0];
    if (known !== undefined && table[slot] !== 0) return known;
    table[slot] = this.list.length;
    const made = emptyTrigger();
    this.list.push(made);
    return made;
  }
}

function emptyTrigger(): Trigger {
  return { traits: 0, beforeSign: 0, signatures: [], signaturesBeforeSign: [] };
}

/** `''`, `{A`, `(`, `CR`: the slots in the table of pairs. */
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

/** The slot of a pair of code units in the table; what is not ASCII counts as one and the same. */
export function pairSlot(code: number, next: number): number {
  return code * columns + (next < columns ? next : columns - 1);
}

export function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (slots - 1);
}

/** The hash of the letters of a word in lower case, as the first pass makes it. */
function hashOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at += 1) hash = (Math.imul(hash, 31) + word.charCodeAt(at)) | 0;
  return hash;
}
