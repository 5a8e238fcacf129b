import { hashStep, lowerCase } from "../text/word-table.ts";
import { Strength, strengthAt, strengthOf } from "./commands.ts";

/** A command as a shell would find it at a position. */
export interface Command {
  readonly name: string;
  readonly strength: number;
  /** Behind the name. */
  readonly end: number;
  /** What follows looks like the arguments of a shell and not like a sentence. */
  readonly hasArguments: boolean;
  /** Nothing follows, or the next separator. */
  readonly isAlone: boolean;
}

const maxName = 48;

/** What a code unit is to a name: skipped before it, a letter or digit of it, or a part that the shell reads otherwise. */
const roles = new Uint8Array(128);
const skips = 1;
const letter = 2;
const special = 4;
for (const character of " \t\"'({!,+\\") roles[character.charCodeAt(0)] = skips;
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") roles[character.charCodeAt(0)] = letter;
for (const character of "/\\'\".@") roles[character.charCodeAt(0)] = (roles[character.charCodeAt(0)] ?? 0) | special;

function roleAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (roles[code] ?? 0) : 0;
}

/** Reads the command behind a separator; `undefined` when there is no known one. */
export function readCommand(text: string, from: number): Command | undefined {
  let start = from;
  while (start < from + 12 && (roleAt(text, start) & skips) !== 0) start += 1;
  let hash = 0;
  let seen = 0;
  let end = start;
  for (; end < start + maxName; end += 1) {
    const role = roleAt(text, end);
    if ((role & (letter | special)) === 0) break;
    seen |= role;
    hash = hashStep(hash, lowerCase(text.charCodeAt(end)));
  }
  const known = (seen & special) === 0 ? strengthAt(text, start, end, hash) : undefined;
  if (known === Strength.none && !isDigit(text.charCodeAt(end - 1))) return undefined;
  return judgeName(text, start, end, known);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** `known` is the strength of a name without special signs; `none` for one that may end in a version. */
function judgeName(text: string, start: number, end: number, known: number | undefined): Command | undefined {
  const raw = text.slice(start, end);
  if (known !== undefined && known !== Strength.none) return judgeArguments(text, raw, raw.toLowerCase(), known, end);
  if (raw.endsWith(".") && text.charCodeAt(end) === 0x20) return undefined;
  if (raw.startsWith("/") && !/bin|etc|tmp|[?*]/.test(raw)) return undefined;
  const plain = plainName(raw);
  // `/tmp/grep1` is a file; `/usr/bin/php8` is a program.
  const hasVersion = strengthOf(plain) === Strength.none && (!raw.startsWith("/") || raw.includes("bin/"));
  const name = hasVersion ? plain.replace(/\d[\d.]*$/, "") : plain;
  const strength = strengthOf(name);
  return strength === Strength.none ? undefined : judgeArguments(text, raw, name, strength, end);
}

function judgeArguments(text: string, raw: string, name: string, strength: number, end: number): Command | undefined {
  const rest = text.slice(end, end + 80);
  if (name === "if" && !/^\s+(?:\[|!|\(|%|\/|"|not\b|exist\b)/i.test(rest)) return undefined;
  if (isOtherLanguage(name, rest)) return undefined;
  if (/^(?:\s*[=:(]|\.(?![/.\\]))/.test(rest) && name !== "for" && name !== "if") return undefined;
  const isPath = raw.includes("/") || raw.length > name.length + 4;
  return { name, strength, end, hasArguments: isPath || hasArguments(name, rest), isAlone: isAlone(rest) };
}

/** `{ get; set; }` of C#, `export { a }` and `export default` of JavaScript. */
function isOtherLanguage(name: string, rest: string): boolean {
  if (name === "set") return /^;\s*\}/.test(rest);
  return name === "export" && /^\s+(?:[{*]|(?:default|const|let|var|class|function|async|type|interface)\b)/.test(rest);
}

/** Without quotes, backslashes, the folder and the extension: `/usr/b"i"n/w\hoami` is `whoami`. */
function plainName(raw: string): string {
  const plain = raw.replaceAll(/["'@]|\\(?=[a-z])/gi, "").toLowerCase();
  const name = plain.slice(Math.max(plain.lastIndexOf("/"), plain.lastIndexOf("\\")) + 1);
  return name.replace(/\.(?:exe|com|bat|cmd)$|[\d.-]+$/, "");
}

function isAlone(rest: string): boolean {
  // oxlint-disable-next-line no-control-regex -- some scanners end a command with SUB
  return /^["'`)\s\\}\u001a]*(?:$|[;|&`)#\n]|\/\/|\\\\)/.test(rest);
}

/** Commands that are English words until a word of theirs follows. */
const subcommands: ReadonlyMap<string, RegExp> = new Map([
  ["net", /^\s+(?:user|localgroup|group|start|stop|view|use|share|accounts)\b/i],
  ["reg", /^\s+(?:add|query|delete|save|export)\b/i],
  ["systemctl", /^\s+(?:start|stop|restart|enable|disable|status|daemon-reload|mask)\b/i],
  ["service", /^\s+[\w.-]+\s+(?:start|stop|restart|status)\b/i],
  ["set", /^\s+\/[ap]\b/i],
  ["sc", /^\s+(?:query|stop|start|config|create|delete)\b/i],
]);

/** Commands that are no words of a sentence when a single word follows. */
const takesWord = new Set(["cat", "cd", "env", "export", "del", "vi", "vim", "nano", "exec", "finger"]);

/** An option, a path, a variable, a redirection, a glob, or what this command takes. */
function hasArguments(name: string, rest: string): boolean {
  if (
    /^[ \t"']{0,6}(?:-{1,2}\w|\+[a-z]|[\w.-]{1,30}\.(?:dll|exe|sh|py|pl|rb|ps1|bat|php|jar|bin)\b|["'][\\%]|\/(?:[\w.*?]|\s+-)|\.{1,2}\/|\.\s|~|\$[\w({]|[<>]|\*|[a-z]:[\\/]|%\w+%|\{|\[\s)/i.test(
      rest,
    )
  )
    return true;
  if (/^[ \t]+(?:https?:|\d{1,3}(?:\.\d{1,3}){3}|[\w.-]+[/\\][\w.*?-])/i.test(rest)) return true;
  if (/^[^\n;|&<]{1,40}<\s?\/[a-z]/.test(rest)) return true;
  if (name === "sleep" || name === "ping") return /^\s+\d+\s*(?:$|[^\s\w.,?!]|[a-z]:\\)/i.test(rest);
  const verbs = subcommands.get(name);
  if (verbs !== undefined) return verbs.test(rest);
  if (name === "echo") return /^\s+["']?[\w]*(?:["']?\s+[/~]\w|["']?\s*$|\$|\s?[|>&;])|^\s*\w{4,12}\s*[>|\n`)]/.test(rest);
  const only = /^\s+([\w.-]+)\s*(?:[|>;&`]|$)/.exec(rest)?.[1];
  return only !== undefined && rest.length < 40 && (/[\d._-]/.test(only) || takesWord.has(name) || strengthOf(name) === Strength.strong);
}
