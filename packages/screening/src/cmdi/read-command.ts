import { hashStep } from "../text/word-table.ts";
import { isDigit, isLetter, Sign, signOf } from "./characters.ts";
import { Command, restBehind } from "./command.ts";
import { names, Strength, strengthOf } from "./commands.ts";

const maxName = 48;

/** Reads the command after a separator; `undefined` when there is no known one. */
export function readCommand(text: string, from: number): Command | undefined {
  let start = from;
  while (start < from + 12 && (signOf(text.charCodeAt(start)) & Sign.skipped) !== 0) start += 1;
  let hash = 0;
  let seen = 0;
  let end = start;
  for (; end < start + maxName; end += 1) {
    const sign = signOf(text.charCodeAt(end)) & inName;
    if (sign === 0) break;
    seen |= sign;
    hash = hashStep(hash, sign);
  }
  if (end === start) return undefined;
  if (seen > Sign.letter) return judgeName(text, start, end, (seen & Sign.quoting) !== 0);
  const slot = names.find(text, start, end, hash);
  const strength = names.numberIn(slot);
  if (strength !== Strength.none) return judgeRest(text, names.wordIn(slot), strength, end, false);
  return isDigit(text.charCodeAt(end - 1)) ? readVersioned(text, start, end) : undefined;
}

const inName = Sign.letter | Sign.quoting | Sign.parting;

/** `php8`, `gcc-12`: a name without special signs that ends in a version. */
function readVersioned(text: string, start: number, end: number): Command | undefined {
  let last = end;
  while (last > start && (isDigit(text.charCodeAt(last - 1)) || text.charCodeAt(last - 1) === 0x2d)) last -= 1;
  let hash = 0;
  for (let at = start; at < last; at += 1) hash = hashStep(hash, signOf(text.charCodeAt(at)) & Sign.letter);
  const slot = names.find(text, start, last, hash);
  const strength = names.numberIn(slot);
  return strength === Strength.none ? undefined : judgeRest(text, names.wordIn(slot), strength, end, end - last > 4);
}

/** `update-rc.d` is the only name of a command with a dot that is no program of Windows. */
const extensions = /^(?:exe|com|bat|cmd|d)$/i;

/** Whether a name has an end that none of a command has: most are members of script. */
function hasOtherExtension(text: string, start: number, end: number): boolean {
  let at = end;
  while (at > start && isLetter(text.charCodeAt(at - 1))) at -= 1;
  if (at === end || at === start || text.charCodeAt(at - 1) !== 0x2e) return false;
  return end - at > 3 || !extensions.test(text.slice(at, end));
}

/** Judges a name with special signs, some of which may be for quoting. */
function judgeName(text: string, start: number, end: number, isQuoted: boolean): Command | undefined {
  if (text.charCodeAt(end - 1) === 0x2e && text.charCodeAt(end) === 0x20) return undefined;
  if (hasOtherExtension(text, start, end)) return undefined;
  const raw = text.slice(start, end);
  const isRooted = raw.startsWith("/");
  if (isRooted && !/bin|etc|tmp/.test(raw)) return undefined;
  let name = plainName(isQuoted ? raw.replaceAll(/["'@]|\\(?=[a-z])/gi, "") : raw);
  // `/tmp/grep1` is a file; `/usr/bin/php8.exe` is a program.
  const mayHaveVersion = name.charCodeAt(name.length - 1) <= 0x39 && (!isRooted || raw.includes("bin/"));
  if (mayHaveVersion && strengthOf(name) === Strength.none) name = name.replace(/\d[\d.]*$/, "");
  const strength = strengthOf(name);
  if (strength === Strength.none) return undefined;
  return judgeRest(text, name, strength, end, raw.includes("/") || raw.length > name.length + 4);
}

/** Without the folder and the extension, and in lower case: `/usr/bin/WHOAMI` is `whoami`. */
function plainName(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
  return name.replace(/\.(?:exe|com|bat|cmd)$|[\d.-]+$/, "");
}

function judgeRest(text: string, name: string, strength: number, end: number, isPath: boolean): Command | undefined {
  if (strength !== Strength.strong && isOtherwiseMeant(text, name, end)) return undefined;
  if (name !== "for" && name !== "if" && isNoCall(text, end)) return undefined;
  return new Command(text, name, strength, end, isPath);
}

/** `if` of a sentence, `{ get; set; }` of C#, `export { a }` and `export default` of JavaScript. */
function isOtherwiseMeant(text: string, name: string, end: number): boolean {
  if (name === "if") return !isSpaceNext(text, end) || !/^\s+(?:\[|!|\(|%|\/|"|not\b|exist\b)/i.test(restBehind(text, end));
  if (name === "set") return /^;\s*\}/.test(restBehind(text, end));
  return name === "export" && script.test(restBehind(text, end));
}

function isSpaceNext(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  return code <= 0x20 || code >= 0x80;
}

const script = /^\s+(?:[{*]|(?:default|const|let|var|class|function|async|type|interface)\b)/;

/** An assignment, a key, or a function or field of another language. */
function isNoCall(text: string, end: number): boolean {
  const code = text.charCodeAt(end);
  const next = code === 0x20 ? text.charCodeAt(end + 1) : code;
  return mayDeny(next) && /^(?:\s*[=:(]|\.(?![/.\\]))/.test(restBehind(text, end));
}

function mayDeny(code: number): boolean {
  return code <= 0x20 || code >= 0x80 || (signOf(code) & Sign.denying) !== 0;
}
