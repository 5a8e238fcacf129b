import { CharBuffer } from "../decode/char-buffer.ts";
import { isWide } from "../decode/normalise-wide.ts";
import { slotOf } from "../signatures/triggers.ts";
import { Trait } from "../text/trait.ts";
import { Candidates, mayStart } from "./candidates.ts";
import { asciiLetters, doubledTraits, duties, Duty, signTraits } from "./characters.ts";
import { CodeUnits } from "./code-units.ts";
import { neighbourTraits } from "./neighbour-traits.ts";
import { TokenColumns } from "./token-columns.ts";

// Copies, since imports are looked up again each time, which is a third of the work for a character.
const letters = asciiLetters;
const traitsOf = signTraits;
const traitsOfDoubled = doubledTraits;
const dutyOf = duties;
const { keep, pair, neighbours, doubled } = Duty;
const { call, sqlJoint, sqlWord, wide } = Trait;

/** Signs that one text may have; an ordinary text of 100,000 characters has a third of that. */
const maxSigns = 50_000;

/** Traits that say nothing without others. */
const idle = Trait.sqlJoint | Trait.sqlVerb | Trait.templateWord;
/** Traits of text that has no sign which could lead out of it. */
const wordy = idle | Trait.newline | Trait.signatures | Trait.at | Trait.wide | Trait.slash;

/**
 * One text as the detectors see it: what occurs in it, where its signs are, and where signatures are to be tried.
 *
 * It is reused from text to text, with the room that its readers need, and is about one text at a time: the last that was read.
 */
export class TextScan {
  text = "";
  /** What occurs in the text, as bits of `Trait`. */
  traits = 0;
  readonly candidates = new Candidates();
  /** Room for the SQL tokens of the text. */
  readonly tokenColumns = new TokenColumns();
  /** Room for the text without its encodings. */
  readonly chars = new CharBuffer();
  readonly #codeUnits = new CodeUnits();
  readonly #signPositions = new Int32Array(maxSigns);
  #signCount = 0;
  #signs: Int32Array | undefined;

  /** The code units of the text, from position 1 on, between zeros. */
  get units(): Uint16Array {
    return this.#codeUnits.units;
  }

  /** The positions of quotes, separators, line breaks and opening signs. */
  get signs(): Int32Array {
    this.#signs ??= this.#signPositions.subarray(0, Math.min(this.#signCount, maxSigns));
    return this.#signs;
  }

  /** Whether the text has more candidates or signs than are kept; then it was not read to its end. */
  get isOverfull(): boolean {
    return this.candidates.isOverfull || this.#signCount > maxSigns;
  }

  /** Whether the text has nothing that any detector would look at. */
  get isPlain(): boolean {
    return (this.traits & ~idle) === 0;
  }

  /** Whether the text has words and line breaks that some rule looks at, but no sign. */
  get isWordy(): boolean {
    return (this.traits & ~wordy) === 0;
  }

  /** Takes one look at every code unit of a text. */
  read(text: string): this {
    this.text = text;
    this.candidates.clear();
    this.#signCount = 0;
    this.#signs = undefined;
    this.#codeUnits.write(text);
    const traits = this.#readUnits(text.length + 1);
    const all = traits & Trait.semicolon && traits & Trait.sqlVerb ? traits | Trait.sqlWord : traits;
    this.traits = this.candidates.isEmpty && !this.isOverfull ? all : all | Trait.signatures;
    return this;
  }

  /** Gives back the room of a very long text. */
  trim(): void {
    this.text = "";
    this.#codeUnits.trim();
    this.chars.trim();
  }

  #readUnits(end: number): number {
    const { units } = this.#codeUnits;
    const { candidates } = this;
    let traits = 0;
    let joint = false;
    let opened = false;
    for (let at = 1; at < end; at += 1) {
      const start = at;
      let hash = 0;
      let code = units[at] ?? 0;
      for (let letter = letters[code] ?? 0; letter !== 0; letter = letters[code] ?? 0) {
        hash = (Math.imul(hash, 31) + letter) | 0;
        at += 1;
        code = units[at] ?? 0;
      }
      if (at > start) {
        const slot = slotOf(hash);
        const more = mayStart(slot) ? candidates.addWord(slot, start - 1, at - 1, code) : 0;
        traits |= more;
        joint = (more & sqlJoint) !== 0;
        if (at === end) break;
      }
      if (code === 0x20) continue;
      if (code === 0x28) opened = true;
      else if (code === 0x29 && !opened) traits |= call;
      if (code >= 0x30 && code <= 0x39) {
        if (joint) traits |= sqlWord;
        if (code === 0x30 && units[at + 1] === 0x78) candidates.addPair(at - 1, code, 0x78);
      } else if (code < 256) {
        traits |= traitsOf[code] ?? 0;
        const duty = dutyOf[code] ?? 0;
        if (duty !== 0) {
          traits |= this.#attend(units, at, code, duty);
          if (this.isOverfull) break;
        }
      } else if (isWide(code)) traits |= wide;
      joint = false;
    }
    return traits;
  }

  /** Does what is to be done at a sign, and returns the traits that it has with its neighbours. */
  #attend(units: Uint16Array, at: number, code: number, duty: number): number {
    const next = units[at + 1] ?? 0;
    if ((duty & keep) !== 0) this.#keepSign(at - 1);
    if ((duty & pair) !== 0) this.candidates.addPair(at - 1, code, next);
    if ((duty & neighbours) !== 0) return neighbourTraits(units, at, code);
    return (duty & doubled) !== 0 && next === code ? (traitsOfDoubled[code] ?? 0) : 0;
  }

  #keepSign(at: number): void {
    if (this.#signCount < maxSigns) this.#signPositions[this.#signCount] = at;
    this.#signCount += 1;
  }
}
