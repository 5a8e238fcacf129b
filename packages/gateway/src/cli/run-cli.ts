import { explain } from "./cli-error.ts";
import type { CliIo } from "./cli-io.ts";
import { makeProgram } from "./program.ts";

/**
 * Runs a command line of `aivillage-gateway`.
 *
 * Each command loads what it alone needs. `start` resolves when the gateway listens; from then on it ends the process on signals.
 *
 * @param argv the arguments after the name of the program; without a command they are those of `start`
 * @returns the exit code: 0 done, or valid; 1 it could not be done; 2 the command line is wrong; 3 the key or the audit log is not valid
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  let exitCode = 0;
  const program = makeProgram(io, async (action) => {
    exitCode = await action();
  });
  let current = program;
  for (const command of [program, ...program.commands]) {
    command.hook("preSubcommand", (_parent, chosen) => {
      current = chosen;
    });
  }
  try {
    await program.parseAsync(isOfProgram(argv) ? [...argv] : ["start", ...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return explain(error, current, io.stderr);
  }
}

function isOfProgram([first]: readonly string[]): boolean {
  return first !== undefined && (!first.startsWith("-") || ["-h", "--help", "--version"].includes(first));
}
