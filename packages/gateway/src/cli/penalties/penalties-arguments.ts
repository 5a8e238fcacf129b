import { parseArgs } from "node:util";

import { CommandError } from "../cli-error.ts";

const commands = ["list", "lift"] as const;

const known = {
  config: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** What the command line after `penalties` asks for. */
export interface PenaltiesArguments {
  readonly command: (typeof commands)[number] | "help";
  /** The clients that it is about. */
  readonly clients: readonly string[];
  readonly options: ReturnType<typeof parse>["values"];
}

/**
 * Reads the command line after `penalties`.
 *
 * @throws CommandError with exit code 2
 */
export function readPenaltiesArguments(args: readonly string[]): PenaltiesArguments {
  const { values: options, positionals } = parse(args);
  if (options.help === true) return { command: "help", clients: [], options };
  const [name, ...clients] = positionals;
  const command = commands.find((each) => each === name);
  if (command === undefined) throw new CommandError(`expected a command after \`penalties\`: ${commands.join(", ")}`, 2);
  if (command === "list" && clients.length > 0) throw new CommandError("`penalties list` needs nothing: leave the argument out", 2);
  if (command === "lift" && clients.length === 0) throw new CommandError("`penalties lift` needs at least one address or principal", 2);
  return { command, clients, options };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: known });
  } catch (error) {
    throw new CommandError((error as Error).message, 2);
  }
}
