import type { Command } from "commander";

import type { CliIo, RunAction } from "../cli-io.ts";
import type { VerifyAuditFlags } from "./verify.ts";

const notes = `
FILE is a log of auditLog() of @aivillage/access-log. One file stands for its older files too; several are checked as they are.

Exit codes: 0 the log is valid; 1 it could not be read; 2 the command line is wrong; 3 the log is not valid.`;

/** Adds the group `audit`, which checks audit logs. */
export function addAuditCommands(program: Command, io: CliIo, run: RunAction): void {
  program
    .command("audit")
    .description("check audit logs: see audit --help")
    .usage("COMMAND [options]")
    .addHelpText("after", notes)
    .command("verify <file...>")
    .description("check that nobody has changed, removed or reordered lines of a log, or cut it off")
    .option("--key-file <file>", "file with the key of the log; default: the log has none")
    .option("--head <head>", "head that an earlier check printed: the log must have that line")
    .option("--first <number>", "number of the first line, if older files were moved away; default: 1")
    .option("--json", "print JSON")
    .addHelpText("after", notes)
    .action((files: readonly string[], options: VerifyAuditFlags) =>
      run(async () => (await import("./verify.ts")).verifyFiles(files, options, io)),
    );
}
