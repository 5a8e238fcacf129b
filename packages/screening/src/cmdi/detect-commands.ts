import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { Score } from "../score.ts";
import { isSpaceCode, startsPart, startsSentence } from "../text/sentence-boundaries.ts";
import { Strength } from "./commands.ts";
import { LastSites } from "./last-sites.ts";
import { Line } from "./line.ts";
import { type Command, readCommand } from "./read-command.ts";
import { isPathCommand, isRunnable, scoreShellSyntax } from "./shell-syntax.ts";

/**
 * Finds commands that are put behind a value on a shell's command line (CWE-78).
 *
 * What counts is a separator or substitution followed by a command, in a line that is not itself a command line: anyone who
 * asks about `ps aux | grep node` has a command before the `|`.
 */
export function detectCommands({ text, signs }: TextScan, matches: MatchSet): void {
  const line = new Line(text);
  const seen = new LastSites(text);
  let segment = 0;
  let ticks = 0;
  for (const at of signs) {
    const anchor = anchors[text.charCodeAt(at)] ?? 0;
    if (anchor === 0) continue;
    if (anchor === lineBreak) {
      if (text.charCodeAt(at + 1) <= 0x20) {
        line.start = at + 1;
        continue;
      }
      if (!matches.spend(at, 0.5)) break;
      if (!matches.has("chained-command", Score.certain) && !seen.isRepeated(at, line, lineBreak)) judgeNewLine(text, at, line, matches);
      line.start = at + 1;
    } else if (anchor === separator) {
      if (!matches.spend(at, 0.5)) break;
      const isFirst = !isSeparator(text.charCodeAt(at - 1)) && mayBeNews(line, matches);
      if (isFirst && !seen.isRepeated(at, line, separator)) judgeSeparator(text, at, line, segment, matches);
      segment = at + 1;
    } else if (anchor === tick) {
      ticks += 1;
      if (ticks % 2 === 1 && matches.spend(at)) judgeSubstitution(text, at, line, matches);
    } else if (text.charCodeAt(at + 1) === 0x28 && matches.spend(at)) judgeSubstitution(text, at, line, matches);
  }
}

/** The most that a command scores behind another command, or in a text that goes on. */
const mostQuoted = Score.doubtful;
const lineBreak = 1;
const separator = 2;
const tick = 3;
const opener = 4;
const anchors = new Uint8Array(128);
for (const [signs, anchor] of [
  ["\n\r", lineBreak],
  [";|&", separator],
  ["`", tick],
  ["$<", opener],
] as const) {
  for (const sign of signs) anchors[sign.charCodeAt(0)] = anchor;
}

/** In a line that is a command itself, separators are found with the same score again and again. */
function mayBeNews(line: Line, matches: MatchSet): boolean {
  if (!matches.has("chained-command", mostQuoted)) return true;
  return !matches.has("chained-command", Score.certain) && !line.isCommand;
}

function isSeparator(code: number): boolean {
  return code < 128 && anchors[code] === separator;
}

/** `segment` is where the part of the line before the separator begins. */
function judgeSeparator(text: string, at: number, line: Line, segment: number, matches: MatchSet): void {
  if (text.startsWith("&copy", at) && !/^\s+\S{0,40}[\\/:]/.test(text.slice(at + 5, at + 50))) return;
  let behind = at + 1;
  while (behind < at + 6 && isBetween(text.charCodeAt(behind))) behind += 1;
  if (text.charCodeAt(behind) <= 0x20 || behind === text.length) return;
  const command = readCommand(text, behind);
  if (command !== undefined) matches.spend(at, 2);
  const known = command === undefined ? scoreShellSyntax(text, behind, line.assigns) : scoreCommand(text, at, command);
  const path = command === undefined && isPathCommand(text, behind) && endsOneWord(text, at) ? 7 : 0;
  const alone = startsSentence(text, at) ? scoreUnknown(text, at) : known === 0 && endsOneWord(text, at) ? scoreOption(text, at) : 0;
  const most = isPipe(text, at) ? Score.certain - 1 : Score.certain;
  const score = Math.min(Math.max(known, alone, path), most);
  if (score === 0 || !matches.spend(at, 4)) return;
  const quoted = line.isCommand || hasCommandBefore(text, Math.max(line.start, segment), at);
  matches.add("chained-command", quoted ? Math.min(score, mostQuoted) : score, at, command?.end ?? behind);
}

/** A pipe between spaces, as people write it who mark it as code. */
function isPipe(text: string, at: number): boolean {
  return text.startsWith("| ", at) && text.charCodeAt(at - 1) === 0x20;
}

function isBetween(code: number): boolean {
  return code === 0x20 || code === 0x09 || isSeparator(code);
}

function scoreCommand(text: string, at: number, command: Command): number {
  const doubled = text.charAt(at + 1) === text.charAt(at) && text.charAt(at) !== ";";
  const first = at <= 2 || startsPart(text, at);
  if (command.strength === Strength.strong)
    return command.isAlone || command.hasArguments || doubled ? 8 : first || endsOneWord(text, at) ? 7 : 5;
  if (command.hasArguments) return 8;
  if (command.isAlone) return command.strength !== Strength.software && (first || text.length - command.end <= 4) ? 7 : 4;
  return at <= 1 ? 4 : 0;
}

/** `;rmt-dump`, `|$x y`: a separator that nothing stands before, and directly behind it what a shell would run. */
function scoreUnknown(text: string, at: number): number {
  const rest = text.slice(at, at + 40);
  return /^(?:;|\|{1,2}|&{1,2})\s?(?:[a-z][\w.-]{1,20}\s{1,3}-{1,2}[a-z]|(?<! )(?:[a-z/][\w./-]{2,}|\$[a-z]\w*)(?:\s+[\w/"'.:-]|\s*$|\\n))/i.test(
    rest,
  ) && !/^&#?\w+;/.test(rest)
    ? 7
    : 0;
}

/** `value;name -x …`, `value|name /path`: the name may be any, its arguments are those of a command. */
function scoreOption(text: string, at: number): number {
  const rest = text.slice(at, at + 60);
  return /^[;|&]{1,2}\s?[a-z][\w.+-]{1,20}\s{1,3}(?:-{1,2}[a-z]|\/\w|\.{1,2}\/|\$\w|~)/i.test(rest) ? 7 : 0;
}

/** Looks for a command in the segment of a pipeline that ends at a separator. */
function hasCommandBefore(text: string, start: number, at: number): boolean {
  const segment = text.slice(Math.max(start, at - 60), at);
  for (const match of segment.matchAll(/(?:^|[\s`'"$(:])(?=[a-z])/gi)) {
    const command = readCommand(segment, match.index + match[0].length);
    if (command !== undefined && (command.strength === Strength.strong || command.hasArguments)) return true;
  }
  return false;
}

function judgeSubstitution(text: string, at: number, line: Line, matches: MatchSet): void {
  if (matches.has("substitution", Score.certain)) return;
  const inside = text.charAt(at) === "`" ? at + 1 : at + 2;
  if (text.charAt(inside) === "(" && text.charAt(at) === "$") return judgeArithmetic(text, at, line, matches);
  const command = readCommand(text, inside);
  if (command === undefined) return;
  const known = command.strength === Strength.strong || command.hasArguments || command.isAlone || text.charAt(at) === "<";
  const isMarkdown = text.charAt(at) === "`" && !isWholeText(text, at);
  const score = !known ? 0 : isMarkdown || line.isCommand ? 5 : text.charAt(at) === "<" ? 7 : 8;
  if (score > 0) matches.add("substitution", score, at, command.end);
}

/** Backticks are also how people mark code; without a sentence around them, or glued to a word, they are a substitution. */
function isWholeText(text: string, at: number): boolean {
  if (text.charAt(at + 1) === "`" || text.length > 120) return false;
  const before = text.slice(Math.max(0, at - 3), at);
  return /^\W*$/.test(text.slice(0, Math.min(at, 5))) || /[;|&=(\n]\s*$|\w$/.test(before);
}

/** `$((58+16))`: the sum shows the attacker that a shell is there. */
function judgeArithmetic(text: string, at: number, line: Line, matches: MatchSet): void {
  if (/^\$\(\(\d+\s*[-+*]\s*\d+\)\)/.test(text.slice(at, at + 40)))
    matches.add("substitution", line.isCommand && !/\w/.test(text.charAt(at - 1)) ? 5 : 8, at, at + 4);
}

/** Before the line break there is nothing but one value, perhaps behind a sentence. */
function endsOneWord(text: string, at: number): boolean {
  let start = at;
  while (start > 0 && at - start <= 4 && " \t\r".includes(text.charAt(start - 1))) start -= 1;
  while (start > 0 && at - start <= 40 && !isSpaceCode(text.charCodeAt(start - 1))) start -= 1;
  return startsPart(text, start);
}

function judgeNewLine(text: string, at: number, line: Line, matches: MatchSet): void {
  const syntax = scoreShellSyntax(text, at + 1, line.assigns);
  const first = endsOneWord(text, at) && !line.isCommand;
  if (matches.has("chained-command", mostOf(syntax, first))) return;
  const command = readCommand(text, at + 1);
  const runs = isRunnable(command);
  if (syntax < 7 && !runs) return;
  matches.spend(at, 2);
  if (syntax >= 7 && !line.isCommand && text.charAt(at + 1) !== "`") matches.add("chained-command", first ? 8 : mostQuoted, at, at + 1);
  else if (runs && command !== undefined) matches.add("chained-command", first ? 7 : 4, at, command.end);
}

/** The highest score that a line may have, before its command is read. */
function mostOf(syntax: number, first: boolean): number {
  if (syntax >= 7) return first ? 8 : mostQuoted;
  return first ? 7 : 4;
}
