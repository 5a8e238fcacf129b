#!/usr/bin/env node
import { type CliArguments, readArguments, usage } from "./cli-arguments.ts";
import { ConfigError } from "./config/config-error.ts";
import { describeConfig } from "./config/describe-config.ts";
import { type ConfigSources, loadConfig } from "./config/load-config.ts";
import { startGateway } from "./start-gateway.ts";
import { version } from "./version.ts";

/** Exit codes: 0 done, 1 the gateway could not start or failed, 2 the command line is wrong. */
async function main(argv: readonly string[]): Promise<void> {
  const parsed = parse(argv);
  if (parsed === undefined) return;
  if (parsed.command === "help") return print(usage);
  if (parsed.command === "version") return print(`${version}\n`);
  const config = loadConfig(sourcesOf(parsed));
  if (parsed.command === "check-config") return print("The configuration is sound.\n");
  if (parsed.command === "print-config") return print(describeConfig(config));
  await startGateway(config, { handleSignals: true });
}

function parse(argv: readonly string[]): CliArguments | undefined {
  try {
    return readArguments(argv);
  } catch (error) {
    process.stderr.write(`aivillage-gateway: ${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

function sourcesOf({ config, port }: CliArguments): ConfigSources {
  return { ...(config !== undefined && { file: config }), ...(port !== undefined && { port }) };
}

function print(text: string): void {
  process.stdout.write(text);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const known = error instanceof ConfigError || (error as NodeJS.ErrnoException).syscall === "listen";
  process.stderr.write(`aivillage-gateway: ${known ? (error as Error).message : String((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
});
