import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { Score } from "../score.ts";
import { isSeparator } from "./characters.ts";
import { FoundCommands, mostQuoted } from "./found-commands.ts";
import { judgeNewLine } from "./judge-new-line.ts";
import { judgeSeparator } from "./judge-separator.ts";
import { judgeSubstitution } from "./judge-substitution.ts";
import { LastSite } from "./last-site.ts";
import { Line } from "./line.ts";

/**
 * Finds commands that are put after a value on a shell's command line (CWE-78).
 *
 * What counts is a separator or substitution followed by a command, in a line that is not itself a command line: anyone who
 * asks about `ps aux | grep node` has a command before the `|`.
 */
export function detectCommands({ text, units, signs }: TextScan, matches: MatchSet): void {
  const line = new Line(text);
  const found = new FoundCommands(matches);
  const lastBreak = new LastSite(text);
  const lastSeparator = new LastSite(text);
  let segment = 0;
  let ticks = 0;
  for (let index = 0; index < signs.length; index += 1) {
    const at = signs[index] ?? 0;
    const anchor = anchors[units[at + 1] ?? 0] ?? 0;
    if (anchor === 0) continue;
    if (anchor === lineBreak) {
      if ((units[at + 2] ?? 0) > 0x20 || at + 1 === text.length) {
        if (!found.spend(at, 0.5)) break;
        if (found.chained < Score.certain && !lastBreak.isRepeated(at, line)) {
          judgeNewLine(text, at, line, found, mayAssign(units, signs[index + 1]));
        }
      }
      line.start = at + 1;
    } else if (anchor === separator) {
      if (!found.spend(at, 0.5)) break;
      const isFirst = !isSeparator(units[at] ?? 0) && mayBeNews(line, found);
      if (isFirst && !lastSeparator.isRepeated(at, line)) judgeSeparator(text, at, line, segment, found);
      segment = at + 1;
    } else if (anchor === tick) {
      ticks += 1;
      if (ticks % 2 === 1 && found.spend(at)) judgeSubstitution(text, at, line, found);
    } else if (units[at + 2] === 0x28 && found.spend(at)) judgeSubstitution(text, at, line, found);
  }
}

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

/** `a=$(` and the like have no other sign before the one after the `=`; when no more signs are known, there may be one. */
function mayAssign(units: Uint16Array, nextSign: number | undefined): boolean {
  return nextSign === undefined || units[nextSign] === 0x3d;
}

/** In a line that is a command itself, separators are found with the same score again and again. */
function mayBeNews(line: Line, found: FoundCommands): boolean {
  if (found.chained < mostQuoted) return true;
  return found.chained < Score.certain && !line.isCommand;
}
