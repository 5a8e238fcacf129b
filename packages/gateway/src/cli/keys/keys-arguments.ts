import { parseArgs } from "node:util";

import { CommandError } from "../cli-error.ts";

const commands = ["create", "list", "revoke", "rotate", "verify"] as const;
type Command = (typeof commands)[number];

const known = {
  file: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  name: { type: "string" },
  tier: { type: "string" },
  scope: { type: "string", multiple: true },
  address: { type: "string", multiple: true },
  "not-before": { type: "string" },
  expires: { type: "string" },
  prefix: { type: "string" },
  overlap: { type: "string" },
} as const;

/** The options that each command takes, beside those that all take. */
const optionsOf: Readonly<Record<Command, readonly string[]>> = {
  create: ["name", "tier", "scope", "address", "not-before", "expires", "prefix"],
  list: [],
  revoke: [],
  rotate: ["expires", "prefix", "overlap"],
  verify: ["address"],
};
const takesSubject: readonly Command[] = ["create", "revoke", "rotate"];

export type KeysOptions = ReturnType<typeof parse>["values"];

/** What the command line after `keys` asks for. */
export interface KeysArguments {
  readonly command: Command | "help";
  /** The client or the key that it is about; empty for commands that need none. */
  readonly subject: string;
  readonly options: KeysOptions;
}

/**
 * Reads the command line after `keys`.
 *
 * @throws CommandError with exit code 2; it does not repeat what might be a key
 */
export function readKeysArguments(args: readonly string[]): KeysArguments {
  const { values: options, positionals } = parse(args);
  if (options.help === true) return { command: "help", subject: "", options };
  const [name, ...subjects] = positionals;
  const command = commands.find((each) => each === name);
  if (command === undefined) throw new CommandError(`expected a command after \`keys\`: ${commands.join(", ")}`, 2);
  const foreign = Object.keys(options).find((option) => !["file", "json", ...optionsOf[command]].includes(option));
  if (foreign !== undefined) throw new CommandError(`\`keys ${command}\` takes no --${foreign}`, 2);
  return { command, subject: readSubject(command, subjects), options };
}

function readSubject(command: Command, subjects: readonly string[]): string {
  const [subject = "", ...more] = subjects;
  if (!takesSubject.includes(command)) {
    if (subjects.length === 0) return "";
    const hint =
      command === "verify" ? "reads the key from standard input, where no history and no list of processes keeps it" : "needs nothing";
    throw new CommandError(`\`keys ${command}\` ${hint}: leave the argument out`, 2);
  }
  if (subject === "" || more.length > 0) throw new CommandError(`\`keys ${command}\` needs exactly one ${subjectName(command)}`, 2);
  return subject;
}

function subjectName(command: Command): string {
  return command === "create" ? "id of a client" : "key id or id of a client";
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: known });
  } catch (error) {
    throw new CommandError((error as Error).message, 2);
  }
}
