import { Command } from "commander";

import { docsPage } from "../config/settings/docs-page.ts";
import { version } from "../version.ts";
import type { AdminFlags } from "./ask-admin.ts";
import { addAuditCommands } from "./audit/audit-commands.ts";
import { addBudgetsCommands } from "./budgets/budgets-commands.ts";
import type { CliIo, ConfigFlags, RunAction } from "./cli-io.ts";
import { addKeysCommands } from "./keys/keys-commands.ts";
import { addPenaltiesCommands } from "./penalties/penalties-commands.ts";

const notes = `
Without a command, \`start\` is run. Environment variables win over the file.
Signals: SIGTERM and SIGINT stop the gateway when its requests have ended, SIGHUP loads the configuration again,
SIGUSR2 replaces the workers one by one.

Exit codes: 0 done, or valid; 1 it could not be done; 2 the command line is wrong; 3 the key or the audit log is not valid.`;

/** The page of the documentation about a command; the rest is on that about operation. */
const pages: Readonly<Record<string, string>> = {
  "check-config": "configuration.md",
  "print-config": "configuration.md",
  init: "configuration.md",
  keys: "keys.md",
  schema: "configuration.md",
};

/** Such as `keys` for `keys create`. */
function topicOf(command: Command): string {
  return command.parent?.parent === null || command.parent === null ? command.name() : topicOf(command.parent);
}

/** All commands with their options. An error or the help ends parsing with a `CommanderError`. */
export function makeProgram(io: CliIo, run: RunAction): Command {
  const program = new Command("aivillage-gateway")
    .usage("[command] [options]")
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "print the help; after a command, the help of that command")
    .helpCommand(false)
    .addHelpText("after", notes)
    .addHelpText("afterAll", ({ command: described }) => `\nDocumentation: ${docsPage(pages[topicOf(described)] ?? "operations.md")}`)
    // Errors are written by explain(), all in one style.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => 120,
      getOutHasColors: () => false,
    });
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option("--config <file>", "YAML file; default: the environment variable CONFIG_FILE")
      .option("--port <port>", "port to listen on; wins over file and environment");

  command("start", "start the gateway (default)").action((options: ConfigFlags) =>
    run(async () => (await import("./start.ts")).start(options, io)),
  );
  command("demo", "run the gateway in front of three small example services").action((options: ConfigFlags) =>
    run(async () => (await import("./demo/demo.ts")).demo(options, io)),
  );
  command("check-config", "load the configuration and report every problem").action((options: ConfigFlags) =>
    run(async () => (await import("./check-config.ts")).checkConfig(options, io)),
  );
  program
    .command("init [file]")
    .description("write an annotated configuration file; default: gateway.yaml")
    .action((file?: string) => run(async () => (await import("./init.ts")).init(file, io)));
  command("print-config", "print the configuration in use as YAML, without secrets").action((options: ConfigFlags) =>
    run(async () => (await import("./print-config.ts")).printConfig(options, io)),
  );
  command("status", "show what the running gateway says of itself at its admin listener")
    .option("--key-file <file>", "file with a key of the scope admin; needed where the admin listener is not on loopback")
    .option("--json", "print JSON")
    .action((options: AdminFlags) => run(async () => (await import("./status/status.ts")).status(options, io)));
  program
    .command("schema")
    .description("print the JSON Schema of the configuration file, for editors")
    .action(() => run(async () => (await import("./print-schema.ts")).printSchema(io)));
  addKeysCommands(program, io, run);
  addPenaltiesCommands(program, io, run);
  addBudgetsCommands(program, io, run);
  addAuditCommands(program, io, run);
  return program;
}
