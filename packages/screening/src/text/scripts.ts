/** Signs of other scripts that end or part sentences, and the sign of ASCII that means the same. */
const signs: ReadonlyMap<number, number> = new Map(
  Object.entries({
    "\u3002": ".",
    "\uff61": ".",
    "\uff0e": ".",
    "\u0964": ".",
    "\u06d4": ".",
    "\uff1f": "?",
    "\u061f": "?",
    "\u037e": "?",
    "\uff01": "!",
    "\uff1a": ":",
    "\uff0c": ",",
    "\u3001": ",",
    "\u060c": ",",
    "\uff1b": ";",
    "\u061b": ";",
    "\uff08": "(",
    "\uff09": ")",
  }).map(([sign, plain]) => [sign.charCodeAt(0), plain.charCodeAt(0)]),
);
/** Their space is part of them. */
const firstWide = 0x3000;
const times = 0xd7;
const dividedBy = 0xf7;

/** The sign of ASCII that means the same as this sign of another script; any other code unit is returned unchanged. */
export function plainSign(code: number): number {
  return code < 0x80 ? code : (signs.get(code) ?? code);
}

/** Whether this is a full-width sign, after which no space is written. */
export function isWideSign(code: number): boolean {
  return code >= firstWide && signs.has(code);
}

/** Whether this is a letter beyond ASCII: nearly, since only the ranges that are mostly signs are left out. */
export function isForeignLetter(code: number): boolean {
  if (code < 0xc0 || code === times || code === dividedBy) return false;
  const isSign = (code >= 0x2000 && code < 0x2c00) || (code >= 0x3000 && code < 0x3040) || code >= 0xd800;
  return !isSign && !signs.has(code);
}
