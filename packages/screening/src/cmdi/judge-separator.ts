import { Score } from "../score.ts";
import { endsOneWord, startsPart, startsSentence } from "../text/sentence-boundaries.ts";
import { isNameCode, isSeparator, isWordCode } from "./characters.ts";
import type { Command } from "./command.ts";
import { Strength } from "./commands.ts";
import { type FoundCommands, mostQuoted } from "./found-commands.ts";
import type { Line } from "./line.ts";
import { readCommand } from "./read-command.ts";
import { isPathCommand, scoreShellSyntax } from "./shell-syntax.ts";

/** A command after `;`, `|` or `&`; `segment` is where the part of the line before the separator begins. */
export function judgeSeparator(text: string, at: number, line: Line, segment: number, found: FoundCommands): void {
  if (text.charCodeAt(at) === 0x26 && text.startsWith("&copy", at) && !/^\s+\S{0,40}[\\/:]/.test(text.slice(at + 5, at + 50))) return;
  let behind = at + 1;
  while (behind < at + 6 && isBetween(text.charCodeAt(behind))) behind += 1;
  if (text.charCodeAt(behind) <= 0x20 || behind === text.length) return;
  const command = readCommand(text, behind);
  if (command !== undefined) found.spend(at, 2);
  const most = isPipe(text, at) ? Score.likely : Score.certain;
  // A strong command scores something in any case, and here it can't score more than was found.
  const isOld = command?.strength === Strength.strong && found.chained >= most;
  const score = isOld ? Score.weak : Math.min(scoreBehind(text, at, behind, command), most);
  if (score === 0 || !found.spend(at, 4) || score <= found.chained) return;
  const quoted = score > mostQuoted && (line.isCommand || hasCommandBefore(text, Math.max(line.start, segment), at));
  found.addChained(quoted ? mostQuoted : score, at, command?.end ?? behind);
}

function scoreBehind(text: string, at: number, behind: number, command: Command | undefined): number {
  const known = command === undefined ? scoreShellSyntax(text, behind) : scoreCommand(text, at, command);
  return known < Score.likely && isUnnamed(text, at, behind, command, known) ? Score.likely : known;
}

/** A pipe between spaces, as people write it who mark it as code. */
function isPipe(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x7c && text.charCodeAt(at + 1) === 0x20 && text.charCodeAt(at - 1) === 0x20;
}

function isBetween(code: number): boolean {
  return code === 0x20 || code === 0x09 || isSeparator(code);
}

function scoreCommand(text: string, at: number, command: Command): number {
  const doubled = text.charAt(at + 1) === text.charAt(at) && text.charAt(at) !== ";";
  const first = at <= 2 || startsPart(text, at);
  if (command.strength === Strength.strong)
    return doubled || command.isAlone || command.hasArguments ? 8 : first || endsOneWord(text, at) ? 7 : 5;
  if (command.hasArguments) return 8;
  if (command.isAlone) return command.strength !== Strength.software && (first || text.length - command.end <= 4) ? 7 : 4;
  return at <= 1 ? 4 : 0;
}

/** What a shell would run whatever its name is, right after a value or in place of one. */
function isUnnamed(text: string, at: number, behind: number, command: Command | undefined, known: number): boolean {
  if (command === undefined && isPathCommand(text, behind) && endsOneWord(text, at)) return true;
  if (startsSentence(text, at)) return isUnknown(text, at);
  return known === 0 && mayHaveOption(text, behind) && endsOneWord(text, at) && hasOption(text, at);
}

/** `;rmt-dump`, `|$x y`: a separator that nothing stands before, and directly after it what a shell would run. */
function isUnknown(text: string, at: number): boolean {
  const rest = text.slice(at, at + 40);
  return (
    /^(?:;|\|{1,2}|&{1,2})\s?(?:[a-z][\w.-]{1,20}\s{1,3}-{1,2}[a-z]|(?<! )(?:[a-z/][\w./-]{2,}|\$[a-z]\w*)(?:\s+[\w/"'.:-]|\s*$|\\n))/i.test(
      rest,
    ) && !/^&#?\w+;/.test(rest)
  );
}

/** After the names of script there is mostly another sign, and after its keywords a word. */
function mayHaveOption(text: string, start: number): boolean {
  let end = start;
  while (end < start + longestName && isNameSign(text.charCodeAt(end))) end += 1;
  const code = text.charCodeAt(end);
  if (end === start) return false;
  if (code === 0x20) return !isWordCode(text.charCodeAt(end + 1));
  return code <= 0x20 || code >= 0x80;
}

function isNameSign(code: number): boolean {
  return isNameCode(code) || code === 0x2e || code === 0x2b;
}

/** As long a name as may have options. */
const longestName = 21;

/** `value;name -x …`, `value|name /path`: the name may be any, its arguments are those of a command. */
function hasOption(text: string, at: number): boolean {
  return /^[;|&]{1,2}\s?[a-z][\w.+-]{1,20}\s{1,3}(?:-{1,2}[a-z]|\/\w|\.{1,2}\/|\$\w|~)/i.test(text.slice(at, at + 60));
}

/** Looks for a command in the segment of a pipeline that ends at a separator. */
function hasCommandBefore(text: string, start: number, at: number): boolean {
  const segment = text.slice(Math.max(start, at - 60), at);
  const words = /(?<![^\s`'"$(:])[a-z]/gi;
  while (words.test(segment)) {
    const command = readCommand(segment, words.lastIndex - 1);
    if (command !== undefined && (command.strength === Strength.strong || command.hasArguments)) return true;
  }
  return false;
}
