import type { Command } from "commander";

import type { CliIo, RunAction } from "../cli-io.ts";
import type { CreateFlags } from "./create.ts";
import type { ChangeFlags, KeysFlags } from "./keys-flags.ts";
import type { RotateFlags } from "./rotate.ts";
import type { VerifyFlags } from "./verify.ts";

const times = `
TIME is a number with s, m, h or d. WHEN is a TIME from now, or an instant such as 2030-01-31T00:00:00Z.`;
const exitCodes = `
Exit codes: 0 done, or the key is valid; 1 it could not be done; 2 the command line is wrong; 3 the key is not valid.`;

/** Adds the group `keys`, which manages the keys file. */
export function addKeysCommands(program: Command, io: CliIo, run: RunAction): void {
  const keys = program
    .command("keys")
    .description("create, list, rotate, revoke and verify API keys: see keys --help")
    .usage("COMMAND [options]")
    .addHelpText("after", exitCodes);
  const command = (name: string, description: string) =>
    keys
      .command(name)
      .description(description)
      .option("--file <file>", "the keys file; default: the environment variable API_KEYS_FILE")
      .option("--json", "print JSON");
  const changing = (name: string, description: string) =>
    command(name, description).option("--config <file>", "the configuration that the keys must fit; default: CONFIG_FILE");

  changing("create <id>", "create a key for the client <id> and print it; it is shown only this once")
    .option("--name <text>", "a name for people")
    .option("--tier <tier>", "default: authenticated")
    .option("--tenant <tenant>", "the organisation that the client belongs to")
    .option("--budget <name=limit>", "how much of a budget the client may use, may be repeated; default: as others", collect)
    .option("--scope <scope>", "what the client may do, may be repeated; default: everything", collect)
    .option("--address <cidr>", "where the key may be used from, may be repeated; default: everywhere", collect)
    .option("--not-before <when>", "valid from then on")
    .option("--expires <when>", 'valid until then, or "never"')
    .option("--prefix <prefix>", "first part of the key; default: aiv")
    .addHelpText("after", times)
    .action((id: string, options: CreateFlags) => run(async () => (await import("./create.ts")).create(id, options, io)));
  command("list", "list the keys with their states").action((options: KeysFlags) =>
    run(async () => (await import("./list.ts")).list(options, io)),
  );
  changing("revoke <which>", "refuse a key from now on: its key id, or the id of a client for all its keys").action(
    (which: string, options: ChangeFlags) => run(async () => (await import("./revoke.ts")).revoke(which, options, io)),
  );
  changing("rotate <which>", "create a key in place of an old one, which stays valid for the overlap")
    .option("--overlap <time>", "how long the old key stays valid; default: 24h")
    .option("--expires <when>", 'the new key is valid until then, or "never"')
    .option("--prefix <prefix>", "first part of the key; default: aiv")
    .addHelpText("after", times)
    .action((which: string, options: RotateFlags) => run(async () => (await import("./rotate.ts")).rotate(which, options, io)));
  command("verify", "read a key from standard input and print whether it would be accepted")
    .option("--address <address>", "where the key is used from")
    .allowExcessArguments()
    .action((options: VerifyFlags, { args }: Command) => run(async () => (await import("./verify.ts")).verify(args, options, io)));
}

/** For an option that may be repeated. */
function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
