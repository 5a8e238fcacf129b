import { Strength, strengthOf } from "./commands.ts";

/** A command as a shell would find it at a place. */
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
const skipped = " \t\"'({!,+\\";

/** Reads the command behind a separator; `undefined` when there is no known one. */
export function readCommand(text: string, from: number): Command | undefined {
  let start = from;
  while (start < from + 12 && start < text.length && skipped.includes(text.charAt(start))) start += 1;
  let end = start;
  while (end < start + maxName && isNamePart(text.charCodeAt(end))) end += 1;
  const raw = text.slice(start, end);
  if (raw.endsWith(".") && text.charCodeAt(end) === 0x20) return undefined;
  if (raw.startsWith("/") && !/bin|etc|tmp|[?*]/.test(raw)) return undefined;
  const name = plainName(raw);
  const strength = strengthOf(name);
  if (strength === Strength.none) return undefined;
  const rest = text.slice(end, end + 80);
  if (name === "if" && !/^\s+(?:\[|!|\(|%|\/|"|not\b|exist\b)/i.test(rest)) return undefined;
  if (/^(?:\s*[=:(]|\.(?![/.\\]))/.test(rest) && name !== "for" && name !== "if") return undefined;
  const isPath = raw.includes("/") || raw.length > name.length + 4;
  return { name, strength, end, hasArguments: isPath || hasArguments(name, rest), isAlone: isAlone(rest) };
}

/** Letters, digits and everything that a shell drops or that makes a path. */
function isNamePart(code: number): boolean {
  const letter = code | 0x20;
  if ((letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39)) return true;
  return (
    code === 0x2d || code === 0x5f || code === 0x2f || code === 0x5c || code === 0x27 || code === 0x22 || code === 0x2e || code === 0x40
  );
}

/** Without quotes, backslashes, the folder and the extension: `/usr/b"i"n/w\hoami` is `whoami`. */
function plainName(raw: string): string {
  const plain = raw.replaceAll(/["'@]|\\(?=[a-z])/gi, "").toLowerCase();
  const name = plain.slice(Math.max(plain.lastIndexOf("/"), plain.lastIndexOf("\\")) + 1);
  return name.replace(/\.(?:exe|com|bat|cmd)$/, "").replace(/[.-]+$/, "");
}

function isAlone(rest: string): boolean {
  // oxlint-disable-next-line no-control-regex -- some scanners end a command with SUB
  return /^["'`)\s\\}\u001a]*(?:$|[;|&`)#\n]|\/\/|\\\\)/.test(rest);
}

/** Commands that are English words until a word of theirs follows. */
const subcommands: ReadonlyMap<string, RegExp> = new Map([
  ["net", /^\s+(?:user|localgroup|group|start|stop|view|use|share|accounts)\b/i],
  ["reg", /^\s+(?:add|query|delete|save|export)\b/i],
  ["sc", /^\s+(?:query|stop|start|config|create|delete)\b/i],
]);

/** Commands that are no words of a sentence when a single word follows. */
const takesWord = new Set(["cat", "cd", "env", "export", "del", "vi", "vim", "nano", "exec", "finger"]);

/** An option, a path, a variable, a redirection, a glob, or what this command takes. */
function hasArguments(name: string, rest: string): boolean {
  if (/^[\s"']{0,6}(?:-{1,2}[a-z]|\/[\w.*?]|\.{1,2}\/|\.\s|~|\$[\w({]|[<>]|\*|[a-z]:[\\/]|%\w+%|\{|\[\s)/i.test(rest)) return true;
  if (/^\s+(?:https?:|\d{1,3}(?:\.\d{1,3}){3}|[\w.-]+[/\\][\w.*?-])/i.test(rest)) return true;
  if (name === "sleep" || name === "ping") return /^\s+\d+\s*(?:$|[^\s\w.,?!])/.test(rest);
  const verbs = subcommands.get(name);
  if (verbs !== undefined) return verbs.test(rest);
  if (name === "echo") return /^\s+["']?[\w]*(?:["']?\s*$|\$|[|>&;])|^\s*\w{4,12}\s*[>|\n`)]/.test(rest);
  const only = /^\s+([\w.-]+)\s*(?:[|>;&`]|$)/.exec(rest)?.[1];
  return only !== undefined && rest.length < 40 && (/[\d._-]/.test(only) || takesWord.has(name) || strengthOf(name) === Strength.strong);
}
