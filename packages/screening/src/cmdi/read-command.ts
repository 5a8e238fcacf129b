import { hashStep } from "../text/word-table.ts";
import { isDigit, Sign, signOf } from "./characters.ts";
import { Command, isWordNext, restBehind } from "./command.ts";
import { Strength, strengthAt, strengthOf } from "./commands.ts";

const maxName = 48;

/** Reads the command behind a separator; `undefined` when there is no known one. */
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
  // The hash is of no use when there are signs in the name.
  const strength = seen <= Sign.letter ? strengthAt(text, start, end, hash) : Strength.none;
  if (strength !== Strength.none) return judgeRest(text, text.slice(start, end).toLowerCase(), strength, end, false);
  return seen > Sign.letter || isDigit(text.charCodeAt(end - 1)) ? judgeName(text, start, end) : undefined;
}

const inName = Sign.letter | Sign.quoting | Sign.parting;

/** Judges a name with special signs, or one that may end in a version. */
function judgeName(text: string, start: number, end: number): Command | undefined {
  if (text.charCodeAt(end - 1) === 0x2e && text.charCodeAt(end) === 0x20) return undefined;
  const raw = text.slice(start, end);
  const isRooted = raw.startsWith("/");
  if (isRooted && !/bin|etc|tmp/.test(raw)) return undefined;
  const plain = plainName(raw);
  // `/tmp/grep1` is a file; `/usr/bin/php8` is a program.
  const hasVersion = strengthOf(plain) === Strength.none && (!isRooted || raw.includes("bin/"));
  const name = hasVersion ? plain.replace(/\d[\d.]*$/, "") : plain;
  const strength = strengthOf(name);
  if (strength === Strength.none) return undefined;
  return judgeRest(text, name, strength, end, raw.includes("/") || raw.length > name.length + 4);
}

/** Without quotes, backslashes, the folder and the extension: `/usr/b"i"n/w\hoami` is `whoami`. */
function plainName(raw: string): string {
  const plain = raw.replaceAll(/["'@]|\\(?=[a-z])/gi, "").toLowerCase();
  const name = plain.slice(Math.max(plain.lastIndexOf("/"), plain.lastIndexOf("\\")) + 1);
  return name.replace(/\.(?:exe|com|bat|cmd)$|[\d.-]+$/, "");
}

function judgeRest(text: string, name: string, strength: number, end: number, isPath: boolean): Command | undefined {
  if (strength !== Strength.strong && isOtherwiseMeant(name, restBehind(text, end))) return undefined;
  if (!isWordNext(text, end) && isNoCall(restBehind(text, end)) && name !== "for" && name !== "if") return undefined;
  return new Command(text, name, strength, end, isPath);
}

/** `if` of a sentence, `{ get; set; }` of C#, `export { a }` and `export default` of JavaScript. */
function isOtherwiseMeant(name: string, rest: string): boolean {
  if (name === "if") return !/^\s+(?:\[|!|\(|%|\/|"|not\b|exist\b)/i.test(rest);
  if (name === "set") return /^;\s*\}/.test(rest);
  return name === "export" && /^\s+(?:[{*]|(?:default|const|let|var|class|function|async|type|interface)\b)/.test(rest);
}

/** An assignment, a key, or a function or field of another language. */
function isNoCall(rest: string): boolean {
  return /^(?:\s*[=:(]|\.(?![/.\\]))/.test(rest);
}
