import { triggers } from "../signatures/all-signatures.ts";
import { pairSlot } from "../signatures/triggers.ts";
import { Trait } from "../text/trait.ts";

/** Letters of ASCII in lower case, 0 for anything else. */
export const asciiLetters = new Uint8Array(65_536);
for (const letter of "abcdefghijklmnopqrstuvwxyz") {
  asciiLetters[letter.charCodeAt(0)] = letter.charCodeAt(0);
  asciiLetters[letter.toUpperCase().charCodeAt(0)] = letter.charCodeAt(0);
}

/** The traits that a sign gives to a text by itself, for each code unit below 256. */
export const signTraits = new Uint32Array(256);
const mark = (characters: string, traits: number): void => {
  for (const character of characters) signTraits[character.charCodeAt(0)] = (signTraits[character.charCodeAt(0)] ?? 0) | traits;
};
mark('"`', Trait.quote);
mark("`", Trait.backtick);
mark("=<>", Trait.comparison);
mark(";", Trait.semicolon);
mark("#", Trait.comment);
mark("<", Trait.angle);
mark("|&$", Trait.shell);
mark("\n\r", Trait.newline);
mark("/\\", Trait.slash);
mark("{[", Trait.brace);
mark("@", Trait.at | Trait.brace);
mark("$", Trait.dollar);
mark("%", Trait.percent | Trait.dots);
mark("&", Trait.entity);
mark("\\", Trait.backslash);
mark("|&+", Trait.sign);

/** The traits that a sign gives where it stands twice. */
export const doubledTraits = new Uint32Array(256);
doubledTraits["@".charCodeAt(0)] = Trait.comment;
doubledTraits["-".charCodeAt(0)] = Trait.comment;
doubledTraits[".".charCodeAt(0)] = Trait.dots;

/** What else there is to do at a sign: keep its position for the detectors, look at its neighbours, try a pair, look whether it is doubled. */
export const Duty = { keep: 1, neighbours: 2, pair: 4, doubled: 8 } as const;

/** The duties at each code unit below 256. */
export const duties = new Uint8Array(256);
const give = (characters: string, duty: number): void => {
  for (const character of characters) duties[character.charCodeAt(0)] = (duties[character.charCodeAt(0)] ?? 0) | duty;
};
give("'\"`;|&\n\r$<>{}[#*@", Duty.keep);
give("'?(*+", Duty.neighbours);
give("@-.", Duty.doubled);
for (let code = 0; code < 256; code += 1) {
  const hasPairs = triggers.pairs.subarray(pairSlot(code, 0), pairSlot(code + 1, 0)).some((pair) => pair !== 0);
  if (hasPairs) duties[code] = (duties[code] ?? 0) | Duty.pair;
}
