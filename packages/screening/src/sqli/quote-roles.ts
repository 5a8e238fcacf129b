import { isStream } from "./expression.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { Word } from "./words.ts";

// Copies, since imports are looked up again each time.
const quoteKind = Kind.quote;
const open = new Uint8Array(128);

/** Signs that a quoted phrase may begin with. */
const beginsPhrase = new Uint8Array(128);
for (const sign of "<{[(/\\$.#@-_*:%^&!?~+|=,") beginsPhrase[sign.charCodeAt(0)] = 1;

/**
 * Marks the quotes that may end a string that the text itself did not begin: those that break out of the quotes of a query around it.
 * No rule begins at any other.
 *
 * An apostrophe inside a word, an opening quote after space and its closing partner are innocent. `1'`, `x' or` and a quote
 * between spaces are not.
 */
export function markBreakingQuotes(tokens: SqlTokens): void {
  open.fill(0);
  const { visits } = tokens;
  tokens.visits = 0;
  for (let index = 0; index < visits; index += 1) {
    const at = tokens.visit(index);
    if (tokens.kind(at) === quoteKind) {
      if (!breaksOut(tokens, at)) continue;
      tokens.markBreaking(at);
    }
    tokens.addVisit(at);
  }
}

/** Whether a quote breaks out, given which quotes before it are open. */
function breaksOut(tokens: SqlTokens, at: number): boolean {
  const position = tokens.start(at);
  const before = tokens.units[position] ?? 0;
  const quote = tokens.units[position + 1] ?? 0;
  const after = tokens.units[position + 2] ?? 0;
  if (isLetter(before) && isLetter(after) && isApostrophe(tokens, at)) return false;
  if (open[quote] === 1) open[quote] = 0;
  else if (isOpening(tokens, at, before, quote, after)) open[quote] = 1;
  else return true;
  return false;
}

/** Between letters, unless SQL goes on after: `O'Brien` against `x'or 1=1`. */
function isApostrophe(tokens: SqlTokens, at: number): boolean {
  return tokens.meaning(at + 1) === Word.plain || tokens.endOf(at + 1) - tokens.start(at + 1) < 2;
}

function isOpening(tokens: SqlTokens, at: number, before: number, quote: number, after: number): boolean {
  if (isLetter(before) || isDigit(before) || before === 0x29) return false;
  if (tokens.kind(at - 1) === Kind.compare && isStream(tokens, at - 1)) return true;
  if (quote === 0x60 && closesSoon(tokens, at, quote)) return true;
  if (!isLetter(after) && !isDigit(after)) return beginsPhrase[after] === 1 && closesSoon(tokens, at, quote);
  if (isSqlWord(tokens, at + 1) || isOnlyQuote(tokens, at)) return closesSoon(tokens, at, quote);
  return true;
}

/** The text begins with a quote and a verb, and has no other quote of the kind. */
function isOnlyQuote(tokens: SqlTokens, at: number): boolean {
  const { text } = tokens;
  return tokens.start(at) === 0 && tokens.meaning(at + 1) === Word.verb && text.indexOf(text.charAt(0), 1) === -1;
}

function isSqlWord(tokens: SqlTokens, at: number): boolean {
  const meaning = tokens.meaning(at);
  return meaning === Word.logic || meaning === Word.union || meaning === Word.having || meaning === Word.order || meaning === Word.waitfor;
}

/** The same quote comes again within a short phrase and with no space before it. */
function closesSoon(tokens: SqlTokens, at: number, quote: number): boolean {
  for (let next = at + 1; next < at + 12; next += 1) {
    if (tokens.kind(next) === quoteKind && tokens.units[tokens.start(next) + 1] === quote)
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
