/** What a code unit is to the name of a command: its small letter if it belongs to one, and more in the bits above. */
const signs = new Uint16Array(128);

export const Sign = {
  letter: 0x7f,
  /** Stands before a name without a meaning. */
  skipped: 0x80,
  /** Inside a name, the shell drops it. */
  quoting: 0x100,
  /** Parts a folder or an extension from the name. */
  parting: 0x200,
  /** May stand at the begin of a line that is a command. */
  beginning: 0x400,
  capital: 0x800,
  /** Begins an assignment, a condition or the name of a tool that nobody attacks with. */
  opening: 0x1000,
  /** After a name, it says that this is none of a command. */
  denying: 0x2000,
  /** Begins syntax of a shell: a substitution, a variable or a condition. */
  syntax: 0x4000,
} as const;

function mark(characters: string, bit: number): void {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    signs[code] = (signs[code] ?? 0) | bit;
  }
}

const small = "abcdefghijklmnopqrstuvwxyz";
const capitals = small.toUpperCase();
const word = `${small}${capitals}0123456789_`;
for (const character of `${word}-`) mark(character, character.toLowerCase().charCodeAt(0));
mark(" \t\"'({!,+\\", Sign.skipped);
mark("\\'\"@", Sign.quoting);
mark("/.", Sign.parting);
mark(`${word}/.~([`, Sign.beginning);
mark(capitals, Sign.capital);
mark(`${capitals}[iacphmgjtn`, Sign.opening);
mark("=:(.", Sign.denying);
mark("`$[i", Sign.syntax);

export function signOf(code: number): number {
  return code < 128 ? (signs[code] ?? 0) : 0;
}

/** A letter, digit, hyphen or underscore. */
export function isNameCode(code: number): boolean {
  return (signOf(code) & Sign.letter) !== 0;
}

/** A letter, digit or underscore. */
export function isWordCode(code: number): boolean {
  return isNameCode(code) && code !== 0x2d;
}

export function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isSeparator(code: number): boolean {
  return code === 0x3b || code === 0x7c || code === 0x26;
}
