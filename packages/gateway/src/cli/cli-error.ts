import { ConfigError } from "../config/config-error.ts";

/** What ends a command, with the exit code: 1 it could not be done, 2 the command line is wrong. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Says why a command ended, and gives its exit code; throws what nobody foresaw. */
export function explain(command: string, error: unknown, stderr: { write(text: string): unknown }): number {
  const systemError = typeof (error as NodeJS.ErrnoException).syscall === "string";
  if (!(error instanceof CommandError) && !(error instanceof ConfigError) && !systemError) throw error;
  const exitCode = error instanceof CommandError ? error.exitCode : 1;
  const hint = exitCode === 2 ? `Try: aivillage-gateway ${command} --help\n` : "";
  stderr.write(`aivillage-gateway ${command}: ${(error as Error).message}\n${hint}`);
  return exitCode;
}
