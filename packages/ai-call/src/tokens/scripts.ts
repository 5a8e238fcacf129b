/**
 * Tokens per character outside the Latin letters, from each first code point on, which is a multiple of 16.
 *
 * Those of living scripts were measured with the o200k vocabulary on manual pages and message catalogues, and rounded up. Of all others a
 * vocabulary has next to no tokens, so their characters count with the bytes that they then fall into: nothing is cheap that is dear.
 */
const blocks: readonly (readonly [first: number, tokens: number])[] = [
  [0x250, 0.54], // phonetic letters
  [0x300, 2], // combining marks
  [0x370, 0.46], // Greek
  [0x400, 0.34], // Cyrillic
  [0x460, 2], // historic Cyrillic
  [0x530, 0.51], // Armenian
  [0x590, 2], // points of Hebrew
  [0x5d0, 0.51], // Hebrew
  [0x600, 0.53], // Arabic
  [0x700, 2], // Syriac, Thaana, N'Ko
  [0x800, 3],
  [0x900, 0.49], // the scripts of India, Thai, Lao
  [0xf00, 2], // Tibetan
  [0x1000, 0.43], // Burmese, Georgian
  [0x1100, 3], // parts of Hangul syllables
  [0x1200, 2], // Ethiopic
  [0x13a0, 3],
  [0x1780, 0.43], // Khmer
  [0x1800, 3],
  [0x1e00, 0.43], // Vietnamese
  [0x1f00, 2.2], // ancient Greek
  [0x2000, 0.54], // punctuation
  [0x2070, 1], // symbols
  [0x2500, 0.54], // lines and blocks
  [0x25a0, 1],
  [0x2800, 3], // Braille
  [0x2900, 2],
  [0x2c00, 3],
  [0x2e00, 2],
  [0x3000, 0.61], // kana
  [0x3100, 2],
  [0x3400, 3], // rare Chinese characters
  [0x4e00, 1.1], // Chinese characters
  [0xa000, 3],
  [0xac00, 0.79], // Hangul
  [0xd7b0, 3],
  [0xd800, 1], // halves of surrogate pairs
  [0xe000, 3], // private use, compatibility forms
  [0xfe00, 1],
  [0xff00, 0.54], // full-width forms
];

const tokensByRow = Float64Array.from({ length: 0x1000 }, (_, row) => blocks.findLast(([first]) => first <= row * 16)?.[1] ?? 1);

const emoji = 1.3;
/** Each byte of a character that needs four. */
const rare = 4;

/** The estimated tokens of one character outside the Latin letters. */
export function tokensOfCharacter(codePoint: number): number {
  if (codePoint > 0xffff) return codePoint >= 0x1f000 && codePoint < 0x1fb00 ? emoji : rare;
  return tokensByRow[codePoint >> 4] ?? 1;
}
