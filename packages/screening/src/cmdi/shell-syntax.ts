import { isSpaceCode } from "../text/sentence-boundaries.ts";
import { isWordCode, Sign, signOf } from "./characters.ts";
import { Strength } from "./commands.ts";
import { readCommand } from "./read-command.ts";

/** `WOH=$(…)`, `[ 1 -eq $x ]`, a substitution, a redirection into a file: syntax where a command is expected. */
export function scoreShellSyntax(text: string, at: number, mayAssign = true): number {
  let start = at;
  while (start < at + 8 && isSpaceCode(text.charCodeAt(start))) start += 1;
  const code = text.charCodeAt(start);
  if ((signOf(code) & Sign.syntax) !== 0) {
    const score = scoreSign(text, at, start, code);
    if (score > 0) return score;
  }
  return mayAssign && assignsSubstitution(text, start) ? 8 : 0;
}

function scoreSign(text: string, at: number, start: number, code: number): number {
  // Inline code of Markdown, unless it is a command.
  if (code === 0x60) {
    const command = readCommand(text, start + 1);
    return command !== undefined && (command.strength === Strength.strong || command.hasArguments) ? 8 : 0;
  }
  if (code === 0x24 && text.charCodeAt(start + 1) === 0x28) return /^[\w/]/.test(text.charAt(start + 2)) ? 8 : 0;
  if (code === 0x24) return start === at && /^\$[a-z]\w{0,20}(?:\s+[\w/"'-]|\s*$|\$[a-z{])/i.test(text.slice(at, at + 40)) ? 7 : 0;
  const isCondition = text.charCodeAt(code === 0x5b ? start : start + 3) === 0x5b;
  return isCondition && /^(?:if )?\[\s+\S+\s+-(?:eq|ne|lt|gt|le|ge|z|n|f|d)\s/.test(text.slice(start, start + 60)) ? 8 : 0;
}

/** `a=$(`, `a=${` or a backtick. */
function assignsSubstitution(text: string, start: number): boolean {
  let end = start;
  while (end < start + 30 && isWordCode(text.charCodeAt(end))) end += 1;
  if (end === start || text.charCodeAt(end) !== 0x3d) return false;
  const code = text.charCodeAt(end + 1);
  const next = text.charCodeAt(end + 2);
  return code === 0x60 || (code === 0x24 && (next === 0x28 || next === 0x7b));
}

/** `./a.sh`, `/tmp/a`, `~/a`, `. /tmp/a`: a program by its path. */
export function isPathCommand(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code !== 0x2e && code !== 0x2f && code !== 0x7e) return false;
  return /^(?:\.\s+)?(?:\.{1,2}\/[\w.-]|\/(?:tmp|bin|sbin|usr|etc|var|home|opt|dev|srv|root)\/[\w.-]|~\/\w)/.test(text.slice(at, at + 24));
}
