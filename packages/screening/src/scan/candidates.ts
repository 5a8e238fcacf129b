import type { Budget } from "../budget.ts";
import type { EvidenceSet } from "../evidence-set.ts";
import { Score } from "../score.ts";
import { triggers } from "../signatures/all-signatures.ts";
import { anyLength, pairSlot } from "../signatures/triggers.ts";

/** Candidates that one text may have; an ordinary text of 100,000 characters has a third of that. */
const maxCandidates = 12_000;
/** The budget of a signature, which mostly is found not to be there at its first character. */
const perSignature = 0.15;

const { words, lengths, pairs, list } = triggers;
const traitsAlways = Uint32Array.from(list, ({ traits }) => traits);
const traitsBeforeSign = Uint32Array.from(list, ({ traits, beforeSign }) => traits | beforeSign);
const signaturesAlways = list.map(({ signatures }) => signatures);
const signaturesBeforeSign = list.map(({ signatures, signaturesBeforeSign: more }) => signatures.concat(more));

/** One bit for each slot that has a word: small enough to stay near the processor, and nearly all words end here. */
const wordBits = new Uint32Array(words.length / 32);
for (const [slot, word] of words.entries()) if (word !== 0) wordBits[slot >> 5] = (wordBits[slot >> 5] ?? 0) | (1 << (slot & 31));

/** Whether there may be a trigger word in this slot. */
export function mayStart(slot: number): boolean {
  return ((wordBits[slot >> 5] ?? 0) & (1 << (slot & 31))) !== 0;
}

/** The positions in a text at which signatures are to be tried. */
export class Candidates {
  readonly #positions = new Int32Array(maxCandidates);
  /** The trigger at each position; below zero where its word stands before a sign. */
  readonly #triggers = new Int16Array(maxCandidates);
  #count = 0;

  clear(): void {
    this.#count = 0;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Whether the text has more candidates than are kept. */
  get isOverfull(): boolean {
    return this.#count > maxCandidates;
  }

  /** @returns the traits that the word gives to the text; `next` is the code unit after it */
  addWord(slot: number, at: number, end: number, next: number): number {
    const met = words[slot] ?? 0;
    if (met === 0 || (lengths[slot] !== end - at && lengths[slot] !== anyLength)) return 0;
    const beforeSign = next > 0x20 && next !== 0x2c;
    if (((beforeSign ? signaturesBeforeSign : signaturesAlways)[met]?.length ?? 0) > 0) this.#add(at, beforeSign ? -met : met);
    return (beforeSign ? traitsBeforeSign : traitsAlways)[met] ?? 0;
  }

  addPair(at: number, code: number, next: number): void {
    const met = pairs[pairSlot(code, next)] ?? 0;
    if (met !== 0) this.#add(at, met);
  }

  /** Tries the signatures at their positions in the text. */
  tryAll(text: string, evidence: EvidenceSet, budget: Budget): void {
    for (let index = 0; index < this.#count; index += 1) {
      const at = this.#positions[index] ?? 0;
      const trigger = this.#triggers[index] ?? 0;
      const signatures = (trigger < 0 ? signaturesBeforeSign[-trigger] : signaturesAlways[trigger]) ?? [];
      if (!budget.spend(signatures.length * perSignature)) return evidence.add("syntax", "too-many-signs", Score.certain, 0, text.length);
      for (const { id, class: attackClass, rule, score, pattern } of signatures) {
        if (evidence.has(id, score)) continue;
        pattern.lastIndex = at;
        if (pattern.test(text)) evidence.add(attackClass, rule, score, at, pattern.lastIndex);
      }
    }
  }

  #add(at: number, trigger: number): void {
    if (this.#count < maxCandidates) {
      this.#positions[this.#count] = at;
      this.#triggers[this.#count] = trigger;
    }
    this.#count += 1;
  }
}
