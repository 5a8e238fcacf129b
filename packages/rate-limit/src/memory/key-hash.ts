import { randomBytes } from "node:crypto";

const finalRounds = 3;

/**
 * Keyed 64-bit hashes of strings: HalfSipHash-1-3 over UTF-16 code units, with a secret key of its own.
 *
 * Keys are told apart by the hash alone. Nobody who does not know the secret can aim at a hash; that any two of a million keys
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
    const words = ((text.length + 1) >> 1) + 1;
    let v0 = this.#key0;
    let v1 = this.#key1 ^ 0xee;
    let v2 = this.#key0 ^ 0x6c796765;
    let v3 = this.#key1 ^ 0x74656462;
    for (let step = 0; step < words + 2 * finalRounds; step += 1) {
      if (step === words) v2 ^= 0xee;
      if (step === words + finalRounds) {
        this.low = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
      const word = step < words ? wordAt(text, step) : 0;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = rotate(v1, 5) ^ v0;
      v2 = (v2 + v3) | 0;
      v3 = rotate(v3, 8) ^ v2;
      v0 = (rotate(v0, 16) + v3) | 0;
      v3 = rotate(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotate(v1, 13) ^ v2;
      v2 = rotate(v2, 16);
      v0 ^= word;
    }
    this.high = (v1 ^ v3) >>> 0;
    this.#last = text;
    return this;
  }
}

/** Two code units, then what is left of them, then the length. */
function wordAt(text: string, index: number): number {
  const at = index * 2;
  if (at + 1 < text.length) return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  if (at < text.length) return text.charCodeAt(at);
  return text.length;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
