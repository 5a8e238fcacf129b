import type { MatchSet } from "../match-set.ts";
import type { SqlContext } from "./context.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { startsColumns } from "./statement-rules.ts";
import { mayBeStrongProbe, strongProbes, Word } from "./words.ts";

/** `charset(current_user())`, `hex(substr(version(),1))`: asks the database about itself, inside other calls. `at` is the inner function. */
export function findInformation(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (spellsOut(tokens, at))
    matches.add("information-function", context.insideStatement(at) ? 4 : 7, tokens.start(at), tokens.endOf(at + 2));
  if (tokens.kind(at + 1) !== Kind.open || !information.has(tokens.value(at).toLowerCase())) return;
  const nested = tokens.kind(at - 1) === Kind.open && tokens.kind(at - 2) === Kind.word;
  const compared = tokens.kind(at + 2) === Kind.close && tokens.meaning(at + 3) === Word.compare;
  if (nested || compared) matches.add("information-function", context.insideStatement(at) ? 4 : 7, tokens.start(at), tokens.endOf(at + 1));
}

const codes = new Set("ascii ord hex unicode bin conv".split(" "));
const cuts = new Set("substr substring mid left right substring_index".split(" "));

/** `ascii(substr(pin,1,1))`: the code of one character of a value. */
function spellsOut(tokens: SqlTokens, at: number): boolean {
  if (tokens.kind(at + 1) !== Kind.open || !codes.has(tokens.value(at).toLowerCase())) return false;
  let inner = at + 2;
  while (inner < at + 6 && tokens.kind(inner) === Kind.open) inner += 1;
  return tokens.kind(inner + 1) === Kind.open && cuts.has(tokens.value(inner).toLowerCase());
}

const information = new Set(
  "version database schema user current_user session_user system_user load_file db_name current_database".split(" "),
);

/** `char(113)||chr(107)`, `concat(0x7e,…)`: text spelled by numbers to pass a filter. */
export function findSpelledText(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (tokens.kind(at + 1) !== Kind.open) return;
  const spelled = tokens.kind(at + 2) === Kind.number && tokens.kind(at + 3) === Kind.close;
  if (tokens.meaning(at) === Word.char) {
    if (!spelled) return;
    const joined = tokens.meaning(at + 5) === Word.char || tokens.meaning(at + 6) === Word.char;
    matches.add("spelled-text", joined ? 8 : 4, tokens.start(at), tokens.endOf(at + 3));
  } else if (tokens.kind(at + 2) === Kind.number && tokens.value(at + 2).startsWith("0x") && tokens.kind(at + 3) === Kind.comma) {
    matches.add("spelled-text", 8, tokens.start(at), tokens.endOf(at + 2));
  }
}

/** `,(select …)`, `'||(select …)`, `=(select count(*) …)` without a statement around. `at` is the `select`. */
export function findSubquery(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (tokens.kind(at - 1) !== Kind.open || !startsColumns(tokens, at + 1)) return;
  if (context.firstStatement < at) return;
  let before = at - 2;
  while (before > at - 8 && tokens.kind(before) === Kind.open) before -= 1;
  matches.add("subquery", scoreSubquery(context, before), tokens.start(at - 1), tokens.endOf(at + 1));
}

function scoreSubquery(context: SqlContext, before: number): number {
  const { tokens } = context;
  const kind = tokens.kind(before);
  if (context.breaks(before) || tokens.meaning(before) !== Word.plain) return 8;
  if (
    kind === Kind.end ||
    kind === Kind.comma ||
    kind === Kind.semicolon ||
    kind === Kind.compare ||
    kind === Kind.operator ||
    kind === Kind.logic
  )
    return 8;
  return kind === Kind.number ? 8 : 4;
}

/** `case when a then b end` and `case 1 when 2 then 3 end` by themselves. */
const wholeBranch = /^case\s(?:(?:'[^'\n]{0,20}'|\d{1,10}|\w{1,20}\([^()\n]{0,20}\))\s)?when\b[^\n]{0,80}\bthen\b[^\n]{1,80}\bend\b/i;

/** `(case when 1=2 then 1 else 0 end)` and `iif(1=2,1,0)`: branches on a constant. */
export function findConstantBranch(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (context.startsPart(at) && wholeBranch.test(tokens.text.slice(tokens.start(at), tokens.start(at) + 250)))
    matches.add("constant-branch", 7, tokens.start(at), tokens.endOf(at + 1));
  if (probesInBranch(tokens, at)) matches.add("constant-branch", 8, tokens.start(at), tokens.endOf(at + 1));
  let left = at + 1;
  while (left < at + 5 && (tokens.meaning(left) === Word.where || tokens.kind(left) === Kind.open)) left += 1;
  if (!comparesNumbers(tokens, left)) return;
  matches.add("constant-branch", 8, tokens.start(at), tokens.endOf(left + 2));
}

/** `case-1 when mid(load_file(0x61), 1) like 0x61`. */
function probesInBranch(tokens: SqlTokens, at: number): boolean {
  for (let next = at + 1; next < at + 16; next += 1) {
    const isProbe =
      tokens.kind(next) === Kind.word &&
      mayBeStrongProbe(tokens.endOf(next) - tokens.start(next)) &&
      strongProbes.has(tokens.value(next).toLowerCase());
    if (isProbe) return tokens.kind(next + 1) === Kind.open;
  }
  return false;
}

function comparesNumbers(tokens: SqlTokens, at: number): boolean {
  return tokens.kind(at) === Kind.number && tokens.kind(at + 1) === Kind.compare && tokens.kind(at + 2) === Kind.number;
}

/** Names of system tables and variables: idle curiosity in a question, never a part of an id. */
export function findSystemName(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  const score = tokens.kind(at) === Kind.variable ? scoreVariable(tokens, at) : 4;
  if (score > 0) matches.add("system-name", score, tokens.start(at), tokens.endOf(at));
}

function scoreVariable(tokens: SqlTokens, at: number): number {
  if (tokens.kind(at + 1) === Kind.comment && at + 2 >= tokens.length && tokens.value(at).length > 2) return 7;
  if (!/^@@[a-z]/i.test(tokens.value(at))) return 0;
  return tokens.length <= 12 || tokens.meaning(at - 1) === Word.select ? 7 : 5;
}
