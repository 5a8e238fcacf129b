import { Score } from "../score.ts";
import { type FoundCommands, mostQuoted } from "./found-commands.ts";
import type { Line } from "./line.ts";
import { readCommand } from "./read-command.ts";

/** A text that is no longer may be the whole of a value. */
const longestValue = 120;

/** `$(…)`, `<(…)` or a backtick. */
export function judgeSubstitution(text: string, at: number, line: Line, found: FoundCommands): void {
  const sign = text.charAt(at);
  if (found.substituted >= mostOf(sign, text)) return;
  const inside = sign === "`" ? at + 1 : at + 2;
  if (sign === "$" && text.charAt(inside) === "(") return judgeArithmetic(text, at, line, found);
  const command = readCommand(text, inside);
  if (command === undefined) return;
  if (sign !== "<" && !command.isRunnable) return;
  const isMarkdown = sign === "`" && !isWholeText(text, at);
  found.addSubstitution(isMarkdown || line.isCommand ? mostQuoted : sign === "<" ? 7 : 8, at, command.end);
}

/** The highest score that a substitution may have, before its command is read. */
function mostOf(sign: string, text: string): number {
  return sign === "`" && text.length > longestValue ? mostQuoted : Score.certain;
}

/** Backticks are also how people mark code; without a sentence around them, or glued to a word, they are a substitution. */
function isWholeText(text: string, at: number): boolean {
  if (text.charAt(at + 1) === "`" || text.length > longestValue) return false;
  const before = text.slice(Math.max(0, at - 3), at);
  return /^\W*$/.test(text.slice(0, Math.min(at, 5))) || /[;|&=(\n]\s*$|\w$/.test(before);
}

/** `$((58+16))`: the sum shows the attacker that a shell is there. */
function judgeArithmetic(text: string, at: number, line: Line, found: FoundCommands): void {
  if (/^\$\(\(\d+\s*[-+*]\s*\d+\)\)/.test(text.slice(at, at + 40)))
    found.addSubstitution(line.isCommand && !/\w/.test(text.charAt(at - 1)) ? 5 : 8, at, at + 4);
}
