import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { meaningOfWord, Word } from "./words.ts";

/** Words that SQL goes on after, a bit for each meaning. */
const joints =
  (1 << Word.logic) |
  (1 << Word.compare) |
  (1 << Word.union) |
  (1 << Word.select) |
  (1 << Word.all) |
  (1 << Word.not) |
  (1 << Word.order) |
  (1 << Word.by) |
  (1 << Word.having) |
  (1 << Word.waitfor);
/** Comments in a row that are passed over. */
const maxComments = 8;
const maxSpace = 40;

/**
 * Whether a line comment hides that SQL goes on: it follows a word after which it has to, or directly a number, a sign or the end of a
 * statement, and what comes after it could be the rest. A comment in code that is wrapped after an `or` hides nothing.
 */
export function hidesJoint(tokens: SqlTokens, comment: number): boolean {
  const last = tokens.length - 1;
  if (!isJoint(tokens, last, comment)) return false;
  const next = behindComments(tokens.text, comment);
  if (next === -1) return false;
  if (tokens.meaning(last) === Word.select) return true;
  const [, word = "", sign = ""] = /^([a-z_]\w{0,24})?\s?([^\s\w]?)/i.exec(tokens.text.slice(next, next + 30)) ?? [];
  const meaning = meaningOfWord(word.toLowerCase());
  const ends = tokens.kind(last) === Kind.number || tokens.kind(last) === Kind.semicolon;
  if (word === "") return ends ? /[=<>|&'"(]/.test(sign) : !/[}\]);*]/.test(sign);
  if (meaning === Word.plain) return !ends && /[=<>!(]/.test(sign);
  return ends || (meaning !== Word.verb && meaning !== Word.object);
}

function isJoint(tokens: SqlTokens, last: number, comment: number): boolean {
  const kind = tokens.kind(last);
  if (kind === Kind.word) return ((joints >> tokens.meaning(last)) & 1) === 1;
  if (tokens.text.charCodeAt(comment) === 0x2d)
    return tokens.endOf(last) >= comment - 1 && (kind === Kind.number || kind === Kind.semicolon);
  return tokens.endOf(last) === comment && (kind === Kind.compare || kind === Kind.logic);
}

/** The first position after a line comment, and those that follow it, that is no space; -1 where there is none soon. */
function behindComments(text: string, comment: number): number {
  let at = comment;
  for (let count = 0; count < maxComments; count += 1) {
    const end = text.indexOf("\n", at);
    if (end === -1) return -1;
    at = end + 1;
    while (at - end <= maxSpace && text.charCodeAt(at) <= 0x20) at += 1;
    if (!text.startsWith("#", at) && !text.startsWith("--", at)) return at < text.length ? at : -1;
  }
  return -1;
}
