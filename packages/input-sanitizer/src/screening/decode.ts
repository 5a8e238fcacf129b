import { decodeEntities } from "./decode-entities.ts";
import { decodePercent } from "./decode-percent.ts";
import { Trait, traitsOf } from "./traits.ts";

const maxLayers = 3;
const encodings = Trait.percent | Trait.entity | Trait.backslash | Trait.wide;

/**
 * The text with its encodings undone once, twice, three times, as far as each step changes something.
 *
 * A step never makes a text longer, so the work is linear.
 */
export function decodedLayers(text: string, traits: number): string[] {
  const layers: string[] = [];
  let current = text;
  let currentTraits = traits;
  while (layers.length < maxLayers && (currentTraits & encodings) !== 0) {
    const decoded = decodeOnce(current, currentTraits);
    if (decoded === current) break;
    layers.push(decoded);
    current = decoded;
    currentTraits = traitsOf(decoded);
  }
  return layers;
}

function decodeOnce(text: string, traits: number): string {
  let decoded = text;
  if (traits & Trait.percent) decoded = decodePercent(decoded);
  if (traits & Trait.entity) decoded = decodeEntities(decoded);
  if (traits & Trait.backslash) decoded = decodeEscapes(decoded);
  if (traits & Trait.wide) decoded = foldWide(decoded);
  return decoded;
}

/** `\u0041`, `\u{41}`, `\x41` and `\101`, as JavaScript, Python and C read them. */
function decodeEscapes(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|u\{0{0,3}([0-9a-f]{1,5})\}|x([0-9a-f]{2})|([0-3][0-7]{2}))/gi, (...groups: unknown[]) => {
    const [, four, braced, two, octal] = groups as (string | undefined)[];
    const code = octal === undefined ? Number.parseInt(four ?? braced ?? two ?? "0", 16) : Number.parseInt(octal, 8);
    return String.fromCodePoint(code > 0x10_ffff ? 0xfffd : code);
  });
}

/** Full-width forms (U+FF01 to U+FF5E) and the look-alikes of quotes, slashes and brackets, as databases and file systems fold them; invisible ones go. */
function foldWide(text: string): string {
  return text.replace(
    /[\uff01-\uff5e\uff07\u2044\u2215\u2216\ufe68\u2032\u2039\u203a\ufe64\ufe65\u3000\u200b-\u200d\u2060\ufeff]/g,
    (character) => {
      const code = character.charCodeAt(0);
      if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0);
      return lookAlikes.get(character) ?? "";
    },
  );
}

const lookAlikes: ReadonlyMap<string, string> = new Map([
  ["\u2044", "/"],
  ["\u2215", "/"],
  ["\u2216", "\\"],
  ["\ufe68", "\\"],
  ["\u2032", "'"],
  ["\u2039", "<"],
  ["\u203a", ">"],
  ["\ufe64", "<"],
  ["\ufe65", ">"],
  ["\u3000", " "],
]);
