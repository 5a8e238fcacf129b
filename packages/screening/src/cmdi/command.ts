import { isNameCode, isWordCode } from "./characters.ts";
import { Strength, strengthOf } from "./commands.ts";

/** No rule looks further beyond the name. */
const ahead = 80;

/** A command as a shell would find it at a position; what follows its name is looked at when somebody asks. */
export class Command {
  readonly name: string;
  readonly strength: number;
  /** After the name. */
  readonly end: number;
  readonly #text: string;
  readonly #isPath: boolean;

  constructor(text: string, name: string, strength: number, end: number, isPath: boolean) {
    this.name = name;
    this.strength = strength;
    this.end = end;
    this.#text = text;
    this.#isPath = isPath;
  }

  /** What follows looks like the arguments of a shell and not like a sentence. */
  get hasArguments(): boolean {
    return this.#isPath || hasOption(this.#text, this.end) || hasArguments(this.name, restBehind(this.#text, this.end));
  }

  /** A shell would run it as it stands. */
  get isRunnable(): boolean {
    return this.strength === Strength.strong || this.hasArguments || this.isAlone;
  }

  /** Nothing follows, or the next separator. */
  get isAlone(): boolean {
    return !isWordNext(this.#text, this.end) && isAlone(restBehind(this.#text, this.end));
  }
}

export function restBehind(text: string, end: number): string {
  return text.slice(end, end + ahead);
}

/** Whether a word or an option comes next, which ends most questions about what follows. */
function isWordNext(text: string, end: number): boolean {
  return text.charCodeAt(end) === 0x20 && isNameCode(text.charCodeAt(end + 1));
}

function isAlone(rest: string): boolean {
  // oxlint-disable-next-line no-control-regex -- some scanners end a command with SUB
  return /^["'`)\s\\}\u001a]*(?:$|[;|&`)#\n]|\/\/|\\\\)/.test(rest);
}

/** The most frequent of the arguments, which need no regular expression: ` -a`, ` /a`, ` $a` and ` ./`. */
function hasOption(text: string, end: number): boolean {
  if (text.charCodeAt(end) !== 0x20) return false;
  const sign = text.charCodeAt(end + 1);
  const next = text.charCodeAt(end + 2);
  if (sign === 0x2e) return next === 0x20 || next === 0x2f;
  return (sign === 0x2d || sign === 0x2f || sign === 0x24) && isWordCode(next);
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
  if (!isBareWord(rest) && (options.test(rest) || places.test(rest))) return true;
  if (rest.includes("<") && /^[^\n;|&<]{1,40}<\s?\/[a-z]/.test(rest)) return true;
  if (name === "sleep" || name === "ping") return /^\s+\d+\s*(?:$|[^\s\w.,?!]|[a-z]:\\)/i.test(rest);
  const verbs = subcommands.get(name);
  if (verbs !== undefined) return verbs.test(rest);
  if (name === "echo") return /^\s+["']?[\w]*(?:["']?\s+[/~]\w|["']?\s*$|\$|\s?[|>&;])|^\s*\w{4,12}\s*[>|\n`)]/.test(rest);
  if (rest.length >= 40) return false;
  const only = /^\s+([\w.-]+)\s*(?:[|>;&`]|$)/.exec(rest)?.[1];
  return only !== undefined && (/[\d._-]/.test(only) || takesWord.has(name) || strengthOf(name) === Strength.strong);
}

/** A word without a dot, a slash or a colon is neither an option nor a place. */
function isBareWord(rest: string): boolean {
  if (rest.charCodeAt(0) !== 0x20 || !isWordCode(rest.charCodeAt(1))) return false;
  let at = 2;
  while (isNameCode(rest.charCodeAt(at))) at += 1;
  return at < rest.length && !".:/\\".includes(rest.charAt(at));
}

const options =
  /^[ \t"']{0,6}(?:-{1,2}\w|\+[a-z]|[\w.-]{1,30}\.(?:dll|exe|sh|py|pl|rb|ps1|bat|php|jar|bin)\b|["'][\\%]|\/(?:[\w.*?]|\s+-)|\.{1,2}\/|\.\s|~|\$[\w({]|[<>]|\*|[a-z]:[\\/]|%\w+%|\{|\[\s)/i;
const places = /^[ \t]+(?:https?:|\d{1,3}(?:\.\d{1,3}){3}|[\w.-]+[/\\][\w.*?-])/i;
