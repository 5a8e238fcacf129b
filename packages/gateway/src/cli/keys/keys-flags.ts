import { defaultKeysFile } from "../../config/loader/api-keys-file.ts";
import { CommandError } from "../cli-error.ts";
import type { CliIo } from "../cli-io.ts";

/** The flags of every `keys` command. */
export interface KeysFlags {
  readonly file?: string;
  readonly json?: boolean;
}

/** The flags of the commands that change the keys file. */
export interface ChangeFlags extends KeysFlags {
  readonly config?: string;
}

/** The keys file that a command is about. @throws CommandError when there is none */
export function keysFileOf({ file }: KeysFlags, { env }: CliIo): string {
  const path = file ?? defaultKeysFile(env);
  if (path === "") throw new CommandError("no keys file: give --file FILE, or set API_KEYS_FILE", 2);
  return path;
}

/** Writes what a person should know beside the result. */
export function say(io: CliIo, text: string): void {
  io.stderr.write(`${text}\n`);
}
