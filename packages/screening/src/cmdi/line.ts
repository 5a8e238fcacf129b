import { Strength } from "./commands.ts";
import { readCommand } from "./read-command.ts";
import { hasAssignment } from "./shell-syntax.ts";

/** The line of a text that is read; what it is, is found out when somebody asks. */
export class Line {
  readonly #text: string;
  /** Whether the text has an assignment anywhere. */
  readonly assigns: boolean;
  #start = 0;
  #isCommand: boolean | undefined;
  #session: boolean | undefined;

  constructor(text: string) {
    this.#text = text;
    this.assigns = hasAssignment(text);
  }

  get start(): number {
    return this.#start;
  }

  set start(start: number) {
    this.#start = start;
    this.#isCommand = undefined;
  }

  /** It begins with a command, perhaps behind a prompt, so that separators in it are what one expects. */
  get isCommand(): boolean {
    this.#isCommand ??= this.#isSession() || beginsWithCommand(this.#text, this.#start);
    return this.#isCommand;
  }

  /** A line begins with the prompt of a shell: what somebody has typed, and what came of it. */
  #isSession(): boolean {
    this.#session ??= this.#text.includes("$ ") && /^[ \t]{0,8}\$ [a-z]/m.test(this.#text);
    return this.#session;
  }
}

/** Assignments and conditions, and tools that nobody attacks with. */
const opening =
  /^(?:[A-Z][A-Z\d_]{0,20}=[\w./:"'$-]*;?\s|(?:if\s)?\[\[\s|alias\s\w+=|(?:cmake|cargo|helm|poetry|mvn|gradle|jq|tr|ng)\s[\w.'"-])/;
const instruction = /^[A-Z][a-z]{1,12}\s(?:an?|the|it|its|my|your|our|all|some|this|that|these|those|for|to|up|in|on)\s/;

function beginsWithCommand(text: string, start: number): boolean {
  const head = text.slice(start, start + 24);
  if (head.startsWith("#!")) return true;
  const prompt = /^[ \t]*(?:[$#>%]\s+|sudo\s+|`{3}|\d+[.)]\s+|[-*]\s+)?/.exec(head)?.[0].length ?? 0;
  if (!/^[\w/.~([]/.test(text.charAt(start + prompt))) return false;
  if (opening.test(text.slice(start + prompt, start + prompt + 40))) return true;
  // "Find the file", "Host a party": a sentence that begins with a word which is a command too.
  if (instruction.test(text.slice(start + prompt, start + prompt + 24))) return false;
  const command = readCommand(text, start + prompt);
  if (command === undefined) return false;
  return command.strength === Strength.strong || command.hasArguments || (start > 0 && text.slice(start, start + 80).includes(" | "));
}
