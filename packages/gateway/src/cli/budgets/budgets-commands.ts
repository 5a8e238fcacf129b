import type { Command } from "commander";

import type { CliIo, RunAction } from "../cli-io.ts";
import type { BudgetFlags, GrantFlags } from "./budgets.ts";

const notes = `
The commands ask the admin listener of the running gateway: ADMIN_PORT or ADMIN_SOCKET must be set. KEY is one that \`budgets list\` shows,
such as key:partner-a; "all" stands for a budget that all callers share.

Exit codes: 0 done; 1 it could not be done; 2 the command line is wrong.
`;

/** Adds the group `budgets`, which shows and changes the budgets of a running gateway. */
export function addBudgetsCommands(program: Command, io: CliIo, run: RunAction): void {
  const budgets = program
    .command("budgets")
    .description("list and change the budgets of the running gateway: see budgets --help")
    .usage("COMMAND [options]")
    .addHelpText("after", notes);
  const command = (name: string, description: string) =>
    budgets
      .command(name)
      .description(description)
      .option("--budget <name>", "the budget; default: all that the key uses")
      .option("--config <file>", "YAML file; default: the environment variable CONFIG_FILE")
      .option("--key-file <file>", "file with a key of the scope admin; needed to change, and where the admin listener is not on loopback")
      .option("--json", "print JSON");

  command("list", "list the budgets that are in use, with what is spent, held and left").action((options: BudgetFlags) =>
    run(async () => (await import("./budgets.ts")).list(options, io)),
  );
  command("show <key>", "show the budgets of a key").action((key: string, options: BudgetFlags) =>
    run(async () => (await import("./budgets.ts")).show(key, options, io)),
  );
  command("grant <key>", "add to the limit of a key until the period ends")
    .requiredOption("--once <amount>", "how much, in the unit of the budget; a negative amount takes back")
    .action((key: string, options: GrantFlags) => run(async () => (await import("./budgets.ts")).grant(key, options, io)));
  command("reset <key>", "forget what a key has spent and was granted in this period").action((key: string, options: BudgetFlags) =>
    run(async () => (await import("./budgets.ts")).reset(key, options, io)),
  );
}
