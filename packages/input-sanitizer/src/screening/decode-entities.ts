/** The named character references (HTML, 13.5) that stand for characters with a meaning in some syntax. */
const named: ReadonlyMap<string, string> = new Map(
  Object.entries({
    lt: "<",
    gt: ">",
    amp: "&",
    quot: '"',
    apos: "'",
    colon: ":",
    lpar: "(",
    rpar: ")",
    sol: "/",
    bsol: "\\",
    semi: ";",
    equals: "=",
    lbrace: "{",
    lcub: "{",
    rcub: "}",
    grave: "`",
    num: "#",
    dollar: "$",
    percnt: "%",
    period: ".",
    vert: "|",
    tab: "\t",
    newline: "\n",
    nbsp: " ",
  }),
);

const maxReference = 12;

/** Undoes HTML character references, with or without their semicolon, as browsers do. */
export function decodeEntities(text: string): string {
  let decoded = "";
  let copied = 0;
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) {
    const reference = readReference(text.slice(at + 1, at + 1 + maxReference));
    if (reference === undefined) continue;
    decoded += text.slice(copied, at) + reference.character;
    copied = at + 1 + reference.length;
    at = copied - 1;
  }
  return copied === 0 ? text : decoded + text.slice(copied);
}

const numeric = /^#(?:x([0-9a-f]{1,8})|(\d{1,9}));?/i;
const word = /^([a-z]{2,8});?/i;

function readReference(text: string): { character: string; length: number } | undefined {
  const number = numeric.exec(text);
  if (number !== null)
    return {
      character: fromCode(Number.parseInt(number[1] ?? number[2] ?? "", number[1] === undefined ? 10 : 16)),
      length: number[0].length,
    };
  const name = word.exec(text);
  const character = named.get(name?.[1]?.toLowerCase() ?? "");
  return name === null || character === undefined ? undefined : { character, length: name[0].length };
}

function fromCode(code: number): string {
  return code === 0 || code > 0x10_ffff ? "\ufffd" : String.fromCodePoint(code);
}
