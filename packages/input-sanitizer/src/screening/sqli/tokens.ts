import { Kind, SqlTokens } from "./token-columns.ts";

const single = new Map<string, number>([
  ["'", Kind.quote],
  ['"', Kind.quote],
  ["`", Kind.quote],
  ["(", Kind.open],
  [")", Kind.close],
  [",", Kind.comma],
  [";", Kind.semicolon],
  ["#", Kind.comment],
  [".", Kind.dot],
  ["=", Kind.compare],
  ["<", Kind.compare],
  [">", Kind.compare],
  ["+", Kind.operator],
  ["-", Kind.operator],
  ["*", Kind.operator],
  ["/", Kind.operator],
  ["%", Kind.operator],
  ["^", Kind.operator],
  ["|", Kind.operator],
  ["&", Kind.operator],
  ["~", Kind.operator],
  ["!", Kind.operator],
]);

/**
 * Cuts a text into SQL tokens, one look at each character.
 *
 * Block comments count as space, except `/*!` whose content MySQL runs. With `dropLineComments`, so do line comments that a
 * line break ends.
 */
export function tokenizeSql(text: string, dropLineComments: boolean): SqlTokens {
  const tokens = new SqlTokens(text);
  for (let at = 0; at < text.length && !tokens.isFull;) at = readToken(tokens, at, dropLineComments);
  return tokens;
}

function readToken(tokens: SqlTokens, at: number, dropLineComments: boolean): number {
  const { text } = tokens;
  const code = text.charCodeAt(at);
  if (code <= 0x20 || code === 0xa0) return at + 1;
  if (isWordStart(code)) return pushTo(tokens, Kind.word, at, endOfWord(text, at));
  if (isDigit(code)) return readNumber(tokens, at);
  const character = text.charAt(at);
  const next = text.charAt(at + 1);
  if (character === "/" && next === "*") return skipBlockComment(tokens, at);
  if (character === "*" && next === "/") return at + 2;
  if (character === "-" && next === "-") return readLineComment(tokens, at, 2, dropLineComments);
  if (character === "#") return readLineComment(tokens, at, 1, dropLineComments);
  if (character === "@") return pushTo(tokens, Kind.variable, at, endOfWord(text, next === "@" ? at + 2 : at + 1));
  if ((character === "&" || character === "|") && next === character) return pushTo(tokens, Kind.logic, at, at + 2);
  if ("<>!=:".includes(character) && "=<>".includes(next) && next !== "") return pushTo(tokens, Kind.compare, at, at + 2);
  return pushTo(tokens, single.get(character) ?? Kind.other, at, at + 1);
}

function pushTo(tokens: SqlTokens, kind: number, start: number, end: number): number {
  tokens.push(kind, start, end);
  return end;
}

/** `1union` is a number and a word; `0x41` is one number. */
function readNumber(tokens: SqlTokens, start: number): number {
  const { text } = tokens;
  let at = start + 1;
  if ((text.charCodeAt(at) | 0x20) === 0x78) {
    at += 1;
    while (isDigit(text.charCodeAt(at)) || isHexLetter(text.charCodeAt(at))) at += 1;
    return pushTo(tokens, Kind.number, start, at);
  }
  while (isDigit(text.charCodeAt(at)) || (text.charAt(at) === "." && isDigit(text.charCodeAt(at + 1)))) at += 1;
  if (text.charAt(at) === "." && isWordStart(text.charCodeAt(at + 1))) at += 1;
  return pushTo(tokens, Kind.number, start, at);
}

/** An unclosed comment hides the rest of the statement: the comment itself is what matters then. */
function skipBlockComment(tokens: SqlTokens, at: number): number {
  const { text } = tokens;
  if (text.charAt(at + 2) === "!") {
    let start = at + 3;
    while (isDigit(text.charCodeAt(start))) start += 1;
    return start;
  }
  if (at + 2 > tokens.lastBlockEnd) return pushTo(tokens, Kind.comment, at, at + 2);
  return text.indexOf("*/", at + 2) + 2;
}

function readLineComment(tokens: SqlTokens, at: number, length: number, drop: boolean): number {
  if (!drop || at > tokens.lastLineEnd) return pushTo(tokens, Kind.comment, at, at + length);
  return tokens.text.indexOf("\n", at) + 1;
}

function endOfWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && (isWordStart(text.charCodeAt(at)) || isDigit(text.charCodeAt(at)))) at += 1;
  return at;
}

function isWordStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code === 0x24 || code > 0xa0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66;
}
