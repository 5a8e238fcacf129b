import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";

/** Files and folders that an attacker reads first, after the steps; slashes are made one before the comparison. */
const target =
  /^(?:[\w-]{1,20}\/\.env\b|windows\/repair|etc\/\w|root\/\.|home\/\w{1,32}\/\.|inetpub\/|boot\.ini|win\.ini|system\.ini|windows\/(?:system32|win\.ini)|apache\/logs|\.env|winnt\/|system32\/|proc\/(?:self|version)|var\/log|web-inf|web\.config|\.ht(?:access|passwd)|\.ssh\/|id_rsa|\.git\/|bin\/id|cmd\.exe|logs?\/|usr\/bin)/;

/** How far after the steps is looked. */
const reach = 60;
/** The score of steps to a file worth stealing. */
const highest = 9;
/** The most that steps to any other file score. */
const mostUnknown = 8;

/**
 * Finds paths that leave their folder (CWE-22).
 *
 * Slashes of all kinds are made one, then the steps upwards are counted; two steps in code are an import, three or a step to a
 * file worth stealing are an attack.
 */
export function detectTraversal({ text }: TextScan, matches: MatchSet): void {
  const hasNull = text.includes("\0") || text.includes("%00");
  let steps = 0;
  let first = 0;
  let last = -100;
  for (let at = text.indexOf(".."); at !== -1 && !matches.has("step-up", highest); at = text.indexOf("..", at)) {
    const end = endOfDots(text, at);
    if (end - at <= 4 && (isSlash(text, end) || isSlash(text, at - 1))) {
      if (!matches.spend(at)) break;
      if (at - last > 8) {
        steps = 0;
        first = at;
      }
      steps += 1;
      last = end;
      // The last of many steps shows what they lead to, unless a NUL ends the path before.
      if (hasNull || !leadsOn(text, end) || !matches.has("step-up", mostUnknown)) judgeSteps(text, first, end, steps, matches);
    }
    at = end;
  }
}

function endOfDots(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === 0x2e) end += 1;
  return end;
}

function isSlash(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x2f || code === 0x5c;
}

/** Whether another step follows. */
function leadsOn(text: string, end: number): boolean {
  return isSlash(text, end) && text.startsWith("..", end + 1);
}

function judgeSteps(text: string, first: number, end: number, steps: number, matches: MatchSet): void {
  const rest = pathBehind(text.slice(end, end + reach).toLowerCase());
  const doubled = isSlash(text, first - 2) && isSlash(text, first - 1) && text.charAt(first - 3) !== ":";
  const score = target.test(rest) || rest.includes("\0") || rest.includes("%00") ? highest : scoreSteps(rest, steps, doubled, first <= 1);
  matches.add("step-up", score, first, end);
}

/** What the steps lead to, with one kind of slash and without more slashes and dots before it. */
function pathBehind(rest: string): string {
  const path = rest.includes("\\") ? rest.replaceAll("\\", "/") : rest;
  let start = 0;
  while (path.startsWith("/", start) || path.startsWith("./", start)) start += path.startsWith("/", start) ? 1 : 2;
  return path.slice(start);
}

/** Steps to a file that is not known for being stolen. */
function scoreSteps(rest: string, steps: number, doubled: boolean, startsText: boolean): number {
  if (isSource(rest)) return 5;
  if (steps >= 4) return mostUnknown;
  if (steps === 3 || doubled) return 7;
  return startsText && steps === 2 ? 6 : 5;
}

/** Code imports files of these kinds, however far away. */
function isSource(rest: string): boolean {
  return /^[\w./@-]{0,58}\.(?:[cm]?[jt]sx?|h|hpp|s?css|rs|go|java)(?![\w.])/.test(rest);
}
