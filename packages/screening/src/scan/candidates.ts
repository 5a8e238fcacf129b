import type { Budget } from "../budget.ts";
import type { EvidenceSet } from "../evidence-set.ts";
import { Score } from "../score.ts";
import { triggers } from "../signatures/all-signatures.ts";
import { SignatureGroups } from "../signatures/signature-group.ts";
import { anyLength, pairSlot } from "../signatures/triggers.ts";

/** Candidates that one text may have; an ordinary text of 100,000 characters has a third of that. */
const maxCandidates = 12_000;
/** The budget of a signature, which mostly is found not to be there at its first character. */
const perSignature = 0.15;

const { words, lengths, pairs, list } = triggers;
const traitsAlways = Uint32Array.from(list, ({ traits }) => traits);
const traitsBeforeSign = Uint32Array.from(list, ({ traits, beforeSign }) => traits | beforeSign);
const groups = new SignatureGroups();
/** The number of the group that each trigger leads to. */
const groupsAlways = Uint16Array.from(list, ({ signatures }) => groups.numberOf(signatures));
const groupsBeforeSign = Uint16Array.from(list, ({ signatures, signaturesBeforeSign: more }) => groups.numberOf(signatures.concat(more)));

const costs = Uint8Array.from(groups.list, ({ signatures }) => signatures.length);

/** One bit for each slot that has a word: small enough to stay near the processor, and nearly all words end here. */
const wordBits = new Uint32Array(words.length / 32);
for (const [slot, word] of words.entries()) if (word !== 0) wordBits[slot >> 5] = (wordBits[slot >> 5] ?? 0) | (1 << (slot & 31));

/** Whether there may be a trigger word in this slot. */
export function mayStart(slot: number): boolean {
  return ((wordBits[slot >> 5] ?? 0) & (1 << (slot & 31))) !== 0;
}

const none = -1;
/** A gate that matches more often is not asked any more: most of its signatures are found by then, and are not tried again. */
const mostHits = 8;

/** The positions in a text at which signatures are to be tried. */
export class Candidates {
  readonly #positions = new Int32Array(maxCandidates);
  /** The number of the group of signatures at each position. */
  readonly #groups = new Uint16Array(maxCandidates);
  /** The first candidate of each group, and after each one the next of its group. */
  readonly #firsts = new Int16Array(groups.list.length).fill(none);
  readonly #nexts = new Int16Array(maxCandidates);
  /** The groups that have candidates. */
  readonly #met = new Uint16Array(groups.list.length);
  #metCount = 0;
  readonly #hits = new Uint8Array(maxCandidates);
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
    const group = (beforeSign ? groupsBeforeSign : groupsAlways)[met] ?? 0;
    if (group !== 0) this.#add(at, group);
    return (beforeSign ? traitsBeforeSign : traitsAlways)[met] ?? 0;
  }

  addPair(at: number, code: number, next: number): void {
    const met = pairs[pairSlot(code, next)] ?? 0;
    if (met !== 0) this.#add(at, groupsAlways[met] ?? 0);
  }

  /** Tries the signatures at their positions in the text. */
  tryAll(text: string, evidence: EvidenceSet, budget: Budget): void {
    const count = this.#affordable(budget);
    this.#findHits(text, count);
    for (let index = 0; index < count; index += 1) {
      if (this.#hits[index] === 0) continue;
      const at = this.#positions[index] ?? 0;
      for (const { id, class: attackClass, rule, score, pattern } of groups.list[this.#groups[index] ?? 0]?.signatures ?? []) {
        if (evidence.has(id, score)) continue;
        pattern.lastIndex = at;
        if (pattern.test(text)) evidence.add(attackClass, rule, score, at, pattern.lastIndex);
      }
    }
    if (count < this.#count) evidence.add("syntax", "too-many-signs", Score.certain, 0, text.length);
  }

  /** As many candidates as there is budget for. */
  #affordable(budget: Budget): number {
    for (let index = 0; index < this.#count; index += 1) {
      if (!budget.spend((costs[this.#groups[index] ?? 0] ?? 0) * perSignature)) return index;
    }
    return this.#count;
  }

  /**
   * Marks the candidates at which a gate of their group matches, which are few. Each gate is asked at all its positions before the next one:
   * where another pattern ran in between, it takes six times as long.
   */
  #findHits(text: string, count: number): void {
    this.#chain(count);
    this.#hits.fill(0, 0, count);
    for (let index = 0; index < this.#metCount; index += 1) {
      const group = this.#met[index] ?? 0;
      for (const gate of groups.list[group]?.gates ?? []) this.#tryGate(text, gate, this.#firsts[group] ?? none);
      this.#firsts[group] = none;
    }
  }

  #tryGate(text: string, gate: RegExp, first: number): void {
    const positions = this.#positions;
    const nexts = this.#nexts;
    let left = mostHits;
    for (let index = first; index !== none; index = nexts[index] ?? none) {
      gate.lastIndex = positions[index] ?? 0;
      if (left > 0 && !gate.test(text)) continue;
      this.#hits[index] = 1;
      left -= 1;
    }
  }

  #chain(count: number): void {
    this.#metCount = 0;
    for (let index = count - 1; index >= 0; index -= 1) {
      const group = this.#groups[index] ?? 0;
      const first = this.#firsts[group] ?? none;
      if (first === none) this.#met[this.#metCount++] = group;
      this.#nexts[index] = first;
      this.#firsts[group] = index;
    }
  }

  #add(at: number, group: number): void {
    if (this.#count < maxCandidates) {
      this.#positions[this.#count] = at;
      this.#groups[this.#count] = group;
    }
    this.#count += 1;
  }
}
