const slots = 4_096;

/** Words with a number each, found by the hash of their letters without making a string of them. */
export class WordTable {
  readonly #numbers = new Uint8Array(slots * 2);
  readonly #words: string[] = [];

  /** Numbers from 1; of a word that comes twice, the later one counts. */
  add(number: number, words: string): void {
    for (const word of words.split(" ")) {
      let slot = slotOf(hashOf(word));
      while (this.#numbers[slot] !== 0 && this.#words[slot] !== word) slot += 1;
      this.#words[slot] = word;
      this.#numbers[slot] = number;
    }
  }

  /** The number of the word between two positions, whose hash is that of `hashStep` over its lower-case letters; 0 for none. */
  get(text: string, start: number, end: number, hash: number): number {
    return this.numberIn(this.find(text, start, end, hash));
  }

  /** The slot of such a word, or one that is empty. */
  find(text: string, start: number, end: number, hash: number): number {
    let slot = slotOf(hash);
    while (this.#numbers[slot] !== 0 && !isSpelled(text, start, end, this.#words[slot] ?? "")) slot += 1;
    return slot;
  }

  numberIn(slot: number): number {
    return this.#numbers[slot] ?? 0;
  }

  wordIn(slot: number): string {
    return this.#words[slot] ?? "";
  }

  has(word: string): boolean {
    return this.numberOf(word) !== 0;
  }

  /** The number of a word in lower case. */
  numberOf(word: string): number {
    return this.get(word, 0, word.length, hashOf(word));
  }
}

export function hashStep(hash: number, letter: number): number {
  return (Math.imul(hash, 31) + letter) | 0;
}

/** A capital of ASCII as its small letter, anything else as it is. */
export function lowerCase(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

function hashOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at += 1) hash = hashStep(hash, word.charCodeAt(at));
  return hash;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 12)) & (slots - 1);
}

function isSpelled(text: string, start: number, end: number, word: string): boolean {
  if (word.length !== end - start) return false;
  for (let at = 0; at < word.length; at += 1) if (lowerCase(text.charCodeAt(start + at)) !== word.charCodeAt(at)) return false;
  return true;
}
