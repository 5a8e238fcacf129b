import { setFlagsFromString } from "node:v8";

import { endWithLauncher } from "@aivillage/http-server";

import { type ConfigSources, loadConfig } from "../config/load-config.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { CliIo, ConfigFlags } from "./cli-io.ts";
import { printTypos, printWarnings, sourcesOf } from "./sources.ts";
import { withRemedy } from "./start-remedies.ts";

/**
 * `start`: runs the gateway, and as a worker a part of it.
 *
 * @throws ConfigError with every problem of the configuration, and Error with `syscall` when it cannot listen
 */
export async function start(options: ConfigFlags, io: CliIo): Promise<number> {
  ignoreStraySignals();
  endOnEarlySignals();
  const sources = sourcesOf(options, io);
  if (!process.connected) printTypos(io);
  const config = await load(sources);
  // The log shows the warnings, unless standard output goes to where the person at the terminal does not see it.
  const isUnseen = io.stderr.isTTY === true && io.stdout.isTTY !== true;
  if (isUnseen && !process.connected) printWarnings(config, io);
  if (process.report !== undefined) process.report.excludeEnv = true; // A diagnostic report is passed on, and variables hold the keys.
  // When a full collection falls into the first moments of load, V8 takes what lives then, which are requests under way, for long-lived
  // and makes all that follow in the old generation: memory doubles, and each request costs up to half as much again.
  setFlagsFromString("--no-allocation-site-pretenuring");
  if (!process.connected) endWithLauncher(io.env ?? {});
  const { run } = await import("../run/run-workers.ts");
  try {
    return await run(config, sources);
  } catch (error) {
    throw withRemedy(error as NodeJS.ErrnoException, config);
  }
}

const ignore = (): void => undefined;

/**
 * Keeps two signals from doing harm that their senders do not mean. SIGHUP would end the process before it can load its configuration
 * again, which a worker gets as soon as it listens, and while it drains. With SIGUSR1, which tools send to have logs reopened, Node opens its
 * debugger to all users of the machine.
 */
function ignoreStraySignals(): void {
  for (const signal of ["SIGHUP", "SIGUSR1"] as const) process.off(signal, ignore).on(signal, ignore);
}

/**
 * Ends the process on SIGTERM and SIGINT as long as nothing else does, while it loads and waits for Redis and issuers. Otherwise a signal in
 * that time is lost on process 1 of a container, which would go on until it is killed.
 */
function endOnEarlySignals(): void {
  const end = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) === 1) process.exit();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
}

/** A worker gets its configuration from its primary, whatever the files hold by now. */
async function load(sources: ConfigSources): Promise<GatewayConfig> {
  if (!process.connected) return loadConfig(sources);
  const { isGatewayWorker, receiveConfig } = await import("../run/hand-over.ts");
  return isGatewayWorker() ? await receiveConfig() : loadConfig(sources);
}
