#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

import { defaultKeysFile } from "../config/api-keys-file.ts";
import { ConfigError } from "../config/config-error.ts";
import { configWarnings } from "../config/config-warnings.ts";
import { isMarked, lookAlikes } from "../config/environment.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { type ConfigSources, loadConfig } from "../config/load-config.ts";
import { version } from "../version.ts";
import { type CliArguments, readArguments, usage } from "./arguments.ts";

/** Each command loads what it alone needs. Exit codes: 0 done, 1 the gateway could not start or failed, 2 the command line is wrong, 3 a key is not valid. */
async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === "keys") return keys(argv.slice(1));
  if (argv[0] === "penalties") return penalties(argv.slice(1));
  const parsed = parse(argv);
  if (parsed === undefined) return;
  if (parsed.command === "help") return print(usage);
  if (parsed.command === "version") return print(`${version}\n`);
  if (parsed.command === "schema") return printSchema();
  const sources = sourcesOf(parsed);
  const config = await load(sources);
  if (parsed.command === "print-config") return printConfig(config);
  warn(config, parsed.command === "check-config");
  if (parsed.command === "check-config") return print("Configuration OK\n");
  if (process.report !== undefined) process.report.excludeEnv = true; // A diagnostic report is passed on, and variables hold the keys.
  // When a full collection falls into the first moments of load, V8 takes what lives then, which are requests under way, for long-lived
  // and makes all that follow in the old generation: memory doubles, and each request costs up to half as much again.
  setFlagsFromString("--no-allocation-site-pretenuring");
  const { run } = await import("../run/run-workers.ts");
  await run(config, sources);
}

/** A worker has its configuration from its primary, whatever the files hold by now. */
async function load(sources: ConfigSources): Promise<GatewayConfig> {
  if (!process.connected) return loadConfig(sources);
  const { receiveConfig, workerMark } = await import("../run/hand-over.ts");
  return isMarked(workerMark) ? await receiveConfig() : loadConfig(sources);
}

/** A start has its warnings in the log, which a terminal does not show when standard output goes elsewhere. */
function warn(config: GatewayConfig, isCheck: boolean): void {
  const isUnseen = isCheck || (process.stderr.isTTY && !process.stdout.isTTY);
  const unsafe = isUnseen && !process.connected ? configWarnings(config).map(({ text }) => `WARN: ${text}`) : [];
  for (const warning of [...lookAlikes(), ...unsafe]) process.stderr.write(`aivillage-gateway: ${warning}\n`);
}

async function printSchema(): Promise<void> {
  const { configSchema } = await import("../config/json-schema.ts");
  print(`${JSON.stringify(configSchema(), null, 2)}\n`);
}

async function printConfig(config: GatewayConfig): Promise<void> {
  const { describeConfig } = await import("./print-config.ts");
  print(describeConfig(config));
}

async function keys(argv: readonly string[]): Promise<void> {
  const { runKeysCommand } = await import("./keys/keys-commands.ts");
  const { stdin, stdout, stderr } = process;
  process.exitCode = await runKeysCommand(argv, { stdin, stdout, stderr, defaultFile: defaultKeysFile(), now: Date.now });
}

async function penalties(argv: readonly string[]): Promise<void> {
  const { runPenaltiesCommand } = await import("./penalties/penalties-commands.ts");
  const { stdout, stderr } = process;
  process.exitCode = await runPenaltiesCommand(argv, { stdout, stderr, load: loadConfig });
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
  const { message, stack, syscall = "" } = error as NodeJS.ErrnoException;
  const known = error instanceof ConfigError || ["listen", "bind", "getaddrinfo"].includes(syscall);
  const remedy = syscall === "getaddrinfo" ? ": set GATEWAY_HOST to an address of this machine, such as 0.0.0.0" : "";
  process.stderr.write(`aivillage-gateway: ${known ? message : String(stack ?? error)}${remedy}\n`);
  process.exitCode = 1;
  // The channel to its primary would keep a worker alive.
  if (process.connected) process.disconnect();
});
