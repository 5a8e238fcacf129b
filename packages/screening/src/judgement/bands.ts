import { isForeignLetter, plainSign } from "../text/scripts.ts";

/** The index of the first bound above the value. */
export function band(value: number, bounds: readonly number[]): number {
  let index = 0;
  while (index < bounds.length && value >= (bounds[index] ?? 0)) index += 1;
  return index;
}

/** The lines of a text, at most `most`. */
export function countLines(text: string, most: number): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at !== -1 && count < most; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

const ascii = Array.from({ length: 128 }, (_, code) => sortOfAscii(String.fromCharCode(code)));

function sortOfAscii(character: string): string {
  if (/[a-z]/i.test(character)) return "letter";
  if (/\d/.test(character)) return "digit";
  if (/\s/.test(character)) return character === "\n" || character === "\r" ? "break" : "space";
  return character;
}

/** What sort of character this is: letters of all scripts are alike, and so are signs beyond ASCII that none of ASCII means the same as. */
export function sortOf(character: string | undefined): string {
  if (character === undefined || character === "") return "edge";
  const code = character.charCodeAt(0);
  if (isForeignLetter(code)) return "letter";
  return ascii[plainSign(code)] ?? (/\s/.test(character) ? "space" : "other");
}
