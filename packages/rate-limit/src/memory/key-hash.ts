import { randomBytes } from "node:crypto";

const finalRounds = 3;

/**
 * Keyed 64-bit hashes of strings: HalfSipHash-1-3 over UTF-16 code units, with a secret key of its own; the second half of the hash
 * is the other half of the final state, instead of three more rounds.
 *
 * Keys are distinguished by the hash alone. Nobody who does not know the secret can aim at a hash; that any two of a million keys
 * have the same one by chance has a probability of 3 in 100 million. The result stays in `low` and `high` until the next call, and
 * hashing the same string again costs nothing: policies often share a key.
 */
export class KeyHash {
  low = 0;
  high = 0;
  readonly #key0: number;
  readonly #key1: number;
  #last: string | undefined;

  constructor(secret: Buffer = randomBytes(8)) {
    this.#key0 = secret.readInt32LE(0);
    this.#key1 = secret.readInt32LE(4);
  }

  of(text: string): this {
    if (text === this.#last) return this;
    const { length } = text;
    const pairs = length >> 1;
    const words = ((length + 1) >> 1) + 1;
    let v0 = this.#key0;
    let v1 = this.#key1;
    let v2 = this.#key0 ^ 0x6c796765;
    let v3 = this.#key1 ^ 0x74656462;
    for (let step = 0; step < words + finalRounds; step += 1) {
      // Two code units, then what is left of them, then the length.
      let word = 0;
      if (step < pairs) word = text.charCodeAt(2 * step) | (text.charCodeAt(2 * step + 1) << 16);
      else if (step < words) word = step === words - 1 ? length : text.charCodeAt(length - 1);
      else if (step === words) v2 ^= 0xff;
      v3 ^= word;
      // One round, rotations written out: as a function they took most of the time.
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (((v0 << 16) | (v0 >>> 16)) + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.low = (v1 ^ v3) >>> 0;
    this.high = (v0 ^ v2) >>> 0;
    this.#last = text;
    return this;
  }
}
