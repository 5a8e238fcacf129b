import { KeysFileError } from "@aivillage/api-key-auth/keys-file";
import { OptionError } from "@aivillage/middleware";
import { type Command, CommanderError } from "commander";

import { ConfigError } from "../config/loader/config-error.ts";
import { describeUsageError } from "./usage-error.ts";

/** Ends a command with an exit code: 1 it could not be done, 2 the command line is wrong. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Writes why a command ended, and returns its exit code. An unexpected error is shown with its stack. */
export function explain(error: unknown, command: Command, stderr: { write(text: string): unknown }): number {
  // The help, or the version, was printed.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const { message, exitCode } = outcomeOf(error, command);
  const hint = exitCode === 2 ? `Try: ${nameOf(command)} --help\n` : "";
  // A command of the program itself speaks for the program, one of a group for the group.
  const speaker = command.commands.length === 0 && command.parent !== null ? command.parent : command;
  stderr.write(`${nameOf(speaker)}: ${message}\n${hint}`);
  return exitCode;
}

function outcomeOf(error: unknown, command: Command): { readonly message: string; readonly exitCode: number } {
  if (error instanceof CommanderError) return { message: describeUsageError(error, command), exitCode: 2 };
  const { message, stack, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof CommandError) return { message, exitCode: error.exitCode };
  if (error instanceof OptionError) return { message: error.reason.replace(/^option /, ""), exitCode: 2 };
  const isExpected = error instanceof ConfigError || error instanceof KeysFileError || syscall !== undefined;
  return { message: isExpected ? message : String(stack ?? error), exitCode: 1 };
}

/** Such as `aivillage-gateway keys create`. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
