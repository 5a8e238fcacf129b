import { isStream } from "./expression.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { Word } from "./words.ts";

const open = new Uint8Array(128);

/**
 * Marks the quotes that may end a string that the text itself did not begin: those that break out of the quotes of a query around it.
 *
 * An apostrophe inside a word, an opening quote after space and its closing partner are innocent. `1'`, `x' or` and a quote
 * between spaces are not.
 */
export function markBreakingQuotes(tokens: SqlTokens): void {
  open.fill(0);
  for (let index = 0; index < tokens.visits; index += 1) {
    const at = tokens.visit(index);
    if (tokens.kind(at) !== Kind.quote) continue;
    const quote = tokens.text.charCodeAt(tokens.start(at));
    if (isApostrophe(tokens, at)) continue;
    if (open[quote] === 1) open[quote] = 0;
    else if (isOpening(tokens, at, quote)) open[quote] = 1;
    else tokens.markBreaking(at);
  }
}

/** A letter on both sides, unless SQL goes on behind: `O'Brien` against `x'or 1=1`. */
function isApostrophe(tokens: SqlTokens, at: number): boolean {
  const { text } = tokens;
  const position = tokens.start(at);
  if (!isLetter(text.charCodeAt(position - 1)) || !isLetter(text.charCodeAt(position + 1))) return false;
  return tokens.meaning(at + 1) === Word.plain || tokens.endOf(at + 1) - tokens.start(at + 1) < 2;
}

function isOpening(tokens: SqlTokens, at: number, quote: number): boolean {
  const { text } = tokens;
  const position = tokens.start(at);
  const before = text.charCodeAt(position - 1);
  const after = text.charCodeAt(position + 1);
  if (position > 0 && (isLetter(before) || isDigit(before) || text.charAt(position - 1) === ")")) return false;
  if (tokens.kind(at - 1) === Kind.compare && isStream(tokens, at - 1)) return true;
  if (quote === 0x60 && closesSoon(tokens, at, quote)) return true;
  if (!isLetter(after) && !isDigit(after))
    return "<{[(/\\$.#@-_*:%^&!?~+|=,".includes(text.charAt(position + 1)) && closesSoon(tokens, at, quote);
  const only = position === 0 && tokens.meaning(at + 1) === Word.verb && text.indexOf(text.charAt(0), 1) === -1;
  return !(only || isSqlWord(tokens, at + 1)) || closesSoon(tokens, at, quote);
}

function isSqlWord(tokens: SqlTokens, at: number): boolean {
  const meaning = tokens.meaning(at);
  return meaning === Word.logic || meaning === Word.union || meaning === Word.having || meaning === Word.order || meaning === Word.waitfor;
}

/** The same quote comes again within a short phrase and with no space before it. */
function closesSoon(tokens: SqlTokens, at: number, quote: number): boolean {
  for (let next = at + 1; next < at + 12; next += 1) {
    if (tokens.kind(next) === Kind.quote && tokens.text.charCodeAt(tokens.start(next)) === quote)
      return tokens.endOf(next - 1) === tokens.start(next);
  }
  return false;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code > 0xa0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
