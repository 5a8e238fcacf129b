import { isDigit, isWordCode, Sign, signOf } from "./characters.ts";
import { Strength } from "./commands.ts";
import { readCommand } from "./read-command.ts";

/** The line of a text that is read; what it is, is found out when somebody asks. */
export class Line {
  readonly #text: string;
  #start = 0;
  #isCommand: boolean | undefined;
  #session: boolean | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get start(): number {
    return this.#start;
  }

  set start(start: number) {
    this.#start = start;
    this.#isCommand = undefined;
  }

  /** It begins with a command, perhaps after a prompt, so that separators in it are what one expects. */
  get isCommand(): boolean {
    this.#isCommand ??= this.#isSession() || beginsWithCommand(this.#text, this.#start);
    return this.#isCommand;
  }

  /** A line begins with the prompt of a shell: what somebody has typed, and what came of it. */
  #isSession(): boolean {
    this.#session ??= hasPrompt(this.#text);
    return this.#session;
  }
}

/** `$ ls` at the begin of a line; a regular expression would try every position of the text. */
function hasPrompt(text: string): boolean {
  for (let at = text.indexOf("$ "); at !== -1; at = text.indexOf("$ ", at + 2)) {
    const code = text.charCodeAt(at + 2);
    if (code >= 0x61 && code <= 0x7a && startsLine(text, at)) return true;
  }
  return false;
}

/** Whether there are at most a few blanks before a position in its line. */
function startsLine(text: string, at: number): boolean {
  let start = at;
  while (at - start < 8 && (text.charCodeAt(start - 1) === 0x20 || text.charCodeAt(start - 1) === 0x09)) start -= 1;
  return start === 0 || /[\n\r\u2028\u2029]/.test(text.charAt(start - 1));
}

/** Assignments and conditions, and tools that nobody attacks with. */
const opening =
  /^(?:[A-Z][A-Z\d_]{0,20}=[\w./:"'$-]*;?\s|(?:if\s)?\[\[\s|alias\s\w+=|(?:cmake|cargo|helm|poetry|mvn|gradle|jq|tr|ng)\s[\w.'"-])/;
const instruction = /^[A-Z][a-z]{1,12}\s(?:an?|the|it|its|my|your|our|all|some|this|that|these|those|for|to|up|in|on)\s/;

function beginsWithCommand(text: string, line: number): boolean {
  if (text.charCodeAt(line) === 0x23 && text.charCodeAt(line + 1) === 0x21) return true;
  const start = line + promptLength(text, line);
  const first = signOf(text.charCodeAt(start));
  if ((first & Sign.beginning) === 0) return false;
  const command = readCommand(text, start);
  const isStrong = command?.strength === Strength.strong;
  const isCapital = (first & Sign.capital) !== 0;
  if (isStrong && !isCapital) return true;
  if ((first & Sign.opening) !== 0 && opening.test(text.slice(start, start + 40))) return true;
  if (command === undefined) return false;
  // "Find the file", "Host a party": a sentence that begins with a word which is a command too.
  if (isCapital && instruction.test(text.slice(start, start + 24))) return false;
  return isStrong || command.hasArguments || (line > 0 && text.slice(line, line + 80).includes(" | "));
}

/** The length of the prompt, mark-up or `sudo` at the begin of a line. */
function promptLength(text: string, line: number): number {
  const code = text.charCodeAt(line);
  const mayBePrompt = !isWordCode(code) || isDigit(code) || (code === 0x73 && text.charCodeAt(line + 1) === 0x75);
  if (!mayBePrompt) return 0;
  return /^[ \t]*(?:[$#>%]\s+|sudo\s+|`{3}|\d+[.)]\s+|[-*]\s+)?/.exec(text.slice(line, line + 24))?.[0].length ?? 0;
}
