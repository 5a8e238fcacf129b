/** What occurs in a text, as bits; decides which recognisers look at it. */
export const Trait = {
  quote: 1,
  comparison: 2,
  call: 4,
  semicolon: 8,
  comment: 16,
  sqlWord: 32,
  angle: 64,
  shell: 128,
  newline: 256,
  backtick: 512,
  slash: 1024,
  brace: 2048,
  dollar: 4096,
  percent: 8192,
  entity: 16_384,
  backslash: 32_768,
  wide: 65_536,
  encodedDot: 131_072,
  scheme: 262_144,
} as const;

const table = new Uint32Array(128);
const mark = (characters: string, traits: number): void => {
  for (const character of characters) table[character.charCodeAt(0)] = (table[character.charCodeAt(0)] ?? 0) | traits;
};
mark("'\"`", Trait.quote);
mark("`", Trait.backtick);
mark("=<>", Trait.comparison);
mark("(", Trait.call);
mark(";", Trait.semicolon);
mark("#*", Trait.comment);
mark("<", Trait.angle);
mark("|&$", Trait.shell);
mark("\n\r", Trait.newline);
mark("/\\", Trait.slash);
mark("{@[", Trait.brace);
mark("$", Trait.dollar);
mark("%", Trait.percent | Trait.encodedDot);
mark("&", Trait.entity);
mark("\\", Trait.backslash);

/** One pass over the code units, then one search for the word that begins an injection without any special character. */
export function traitsOf(text: string): number {
  let traits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 128) traits |= table[code] ?? 0;
    else if (code > 0x2000) traits |= Trait.wide;
  }
  return traits | wordTraits(text);
}

/** `union select`, `order by`, `--` and `javascript:` need no character that plain text has not. */
function wordTraits(text: string): number {
  let traits = 0;
  if (/union|select|--|\b(?:or|and)\b\s+\d/i.test(text)) traits |= Trait.sqlWord;
  if (/script:/i.test(text)) traits |= Trait.scheme;
  if (/0x[25]/i.test(text) || text.includes("..")) traits |= Trait.encodedDot;
  return traits;
}
