import type { Command } from "commander";

import type { CliIo, RunAction } from "../cli-io.ts";
import type { PenaltiesFlags } from "./penalties-flags.ts";

const notes = `
Penalties are looked up in Redis, with the configuration of the gateway: REDIS_URL must be set.

Exit codes: 0 done; 1 it could not be done; 2 the command line is wrong.`;
const clients = `
CLIENT is one of
  an IPv4 or IPv6 address: all clients there, with and without a key; IPv6 stands for its /56 network
  a principal, key:ID or jwt:SUBJECT: its clients at every address
  both in one argument, "key:ada 192.0.2.1": that client alone`;

/** Adds the group `penalties`, which manages the penalties that gateways share in Redis. */
export function addPenaltiesCommands(program: Command, io: CliIo, run: RunAction): void {
  const penalties = program
    .command("penalties")
    .description("list penalised clients and clear their penalties: see penalties --help")
    .usage("COMMAND [options]")
    .addHelpText("after", notes);
  const command = (name: string, description: string) =>
    penalties
      .command(name)
      .description(description)
      .option("--config <file>", "YAML file; default: the environment variable CONFIG_FILE")
      .option("--json", "print JSON");

  command("list", "list the penalised clients, the reasons, and the seconds left").action((options: PenaltiesFlags) =>
    run(async () => (await import("./list.ts")).list(options, io)),
  );
  command("clear <client...>", "end the penalties of these clients in all gateways, and forget them")
    .addHelpText("after", clients)
    .action((names: readonly string[], options: PenaltiesFlags) => run(async () => (await import("./clear.ts")).clear(names, options, io)));
}
