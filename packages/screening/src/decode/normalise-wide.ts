import type { Escape } from "./decode-percent.ts";

const lookAlikes: ReadonlyMap<number, string> = new Map([
  [0x2024, "."],
  [0x2032, "'"],
  [0x2039, "<"],
  [0x203a, ">"],
  [0x2044, "/"],
  [0x2215, "/"],
  [0x2216, "\\"],
  [0x24ea, "0"],
  [0x3000, " "],
  [0xff61, "."],
  [0xfe64, "<"],
  [0xfe65, ">"],
  [0xfe68, "\\"],
]);
const invisible = new Set([0x200b, 0x200c, 0x200d, 0x2060, 0xfeff]);

/** Whether each character from U+2000 on is normalised. */
const normalised = new Uint8Array(0xe000);
const none: Escape = { code: 0, length: 0 };
const firstWide = 0x2000;
for (let position = 0; position < normalised.length; position += 1) if (normaliseWide(firstWide + position, none)) normalised[position] = 1;

/** Whether `normaliseWide` knows this character. */
export function isWide(code: number): boolean {
  return code >= firstWide && normalised[code - firstWide] === 1;
}

/**
 * Full-width forms (U+FF01 to U+FF5E), letters in circles and the look-alikes of quotes, slashes and brackets, as databases and
 * file systems normalise them; invisible characters go, with code -1.
 *
 * @returns whether the character is one of them; what it becomes is put into `escape`
 */
export function normaliseWide(code: number, escape: Escape): boolean {
  escape.length = 1;
  if (code >= 0xff01 && code <= 0xff5e) escape.code = code - 0xfee0;
  else if (code >= 0x2460 && code <= 0x2468) escape.code = code - 0x2460 + 0x31;
  else if (code >= 0x24b6 && code <= 0x24e9) escape.code = ((code - 0x24b6) % 26) + 0x61;
  else if (invisible.has(code)) escape.code = -1;
  else escape.code = lookAlikes.get(code)?.charCodeAt(0) ?? 0;
  return escape.code !== 0;
}
