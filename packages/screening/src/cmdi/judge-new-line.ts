import { Score } from "../score.ts";
import { endsOneWord, isSpaceCode } from "../text/sentence-boundaries.ts";
import { signOf } from "./characters.ts";
import { type FoundCommands, mostQuoted } from "./found-commands.ts";
import type { Line } from "./line.ts";
import { readCommand } from "./read-command.ts";
import { scoreShellSyntax } from "./shell-syntax.ts";

/**
 * A command in the line after a break; `line` is the one before it.
 *
 * @param mayAssign whether the line may begin with an assignment of a substitution
 */
export function judgeNewLine(text: string, at: number, line: Line, found: FoundCommands, mayAssign: boolean): void {
  const code = text.charCodeAt(at + 1);
  const isSpace = isSpaceCode(code);
  if (signOf(code) === 0 && !isSpace) return;
  const isSyntax = scoreShellSyntax(text, at + 1, mayAssign || isSpace) >= 7;
  if (found.chained >= scoreOf(isSyntax, false)) {
    if (found.chained >= scoreOf(isSyntax, true) || !isFirst(text, at, line)) return;
  }
  const command = readCommand(text, at + 1);
  const runs = command?.isRunnable === true;
  if (!isSyntax && !runs) return;
  found.spend(at, 2);
  const bySyntax = isSyntax && !line.isCommand && code !== 0x60;
  if (!bySyntax && !runs) return;
  found.addChained(scoreOf(bySyntax, isFirst(text, at, line)), at, bySyntax ? at + 1 : (command?.end ?? at + 1));
}

function scoreOf(isSyntax: boolean, first: boolean): number {
  if (isSyntax) return first ? Score.certain : mostQuoted;
  return first ? Score.likely : Score.weak;
}

/** Before the line break there is nothing but a value. */
function isFirst(text: string, at: number, line: Line): boolean {
  return endsOneWord(text, at) && !line.isCommand;
}
