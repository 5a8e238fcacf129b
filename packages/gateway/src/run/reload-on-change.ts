import cluster from "node:cluster";

import { ConfigError } from "../config/config-error.ts";
import { FileSnapshot } from "../config/file-snapshot.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { type ConfigSources, readConfig } from "../config/load-config.ts";
import { readAgain } from "../config/read-again.ts";
import { SettledFiles } from "../config/settled-files.ts";
import { originOf } from "../config/source-files.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { warnOfConfig } from "./warn-of-config.ts";

/** How often the files are looked at. A change is in force after two looks that agree, so within a second. */
const intervalMs = 300;

/** What can change its configuration while it runs. */
export interface Reloadable {
  readonly logger: GatewayLogger;
  /** The configuration in force. */
  readonly config: GatewayConfig;
  /** @returns the settings that keep their value. @throws ConfigError, and nothing has changed then */
  reload(config: GatewayConfig): string[];
}

type Reason = "file changed" | "SIGHUP";

/**
 * Loads the configuration again on SIGHUP and when one of its files has changed since it was loaded and holds still. What does not pass
 * the checks of a start, or is empty or cut off, changes nothing. The environment stays: its file beside the main one counts.
 *
 * @returns the function that ends it
 */
export function reloadOnChange(sources: ConfigSources, target: Reloadable): () => void {
  const { logger } = target;
  const atStart = originOf(target.config).snapshot ?? readNow(sources, target.config);
  const inForce = (): FileSnapshot => originOf(target.config).snapshot ?? atStart;
  const files = new SettledFiles(inForce);
  let ended = false;
  const timer = setTimeout(() => void look(), intervalMs).unref();

  async function look(): Promise<void> {
    const found = await files.look();
    if (ended) return;
    if (found !== undefined) loadAgain("file changed", found);
    timer.refresh();
  }

  async function onHangup(): Promise<void> {
    const found = await files.settle();
    if (ended) return;
    if (found === undefined) report("SIGHUP", ["the configuration files change all the time: send SIGHUP when they hold still"]);
    else loadAgain("SIGHUP", found);
  }

  function loadAgain(reason: Reason, found: FileSnapshot): void {
    let named: string[] = [];
    try {
      const { environment } = target.config;
      const config = readAgain({ sources, inForce: inForce(), found, environment, isConfirmed: reason === "SIGHUP" });
      named = [config.auth.apiKeysFile, config.auth.jwt.jwksFile].filter((path) => path !== "");
      const needRestart = target.reload(config);
      files.accept();
      logger.info({ reason }, "configuration reloaded");
      // Of several workers each does the same: their primary warns.
      if (cluster.isPrimary) warn(needRestart);
    } catch (error) {
      const faults = error instanceof ConfigError ? error.faults : [(error as Error).message];
      if (files.refuse(found, faults.join("\n"), named) || reason === "SIGHUP") report(reason, faults);
    }
  }

  function warn(needRestart: readonly string[]): void {
    if (needRestart.length > 0) logger.warn({ settings: needRestart }, "settings keep their value until a restart");
    warnOfConfig(target.config, logger);
  }

  function report(reason: Reason, faults: readonly string[]): void {
    logger.error({ reason, faults }, "configuration reload failed; keeping the previous one");
  }

  const hangup = (): void => void onHangup();
  process.on("SIGHUP", hangup);
  return () => {
    ended = true;
    process.off("SIGHUP", hangup);
    clearTimeout(timer);
  };
}

/** For a configuration that a program made: what its files hold now. One that cannot be read is reported when it changes. */
function readNow(sources: ConfigSources, { environment }: GatewayConfig): FileSnapshot {
  const files = new FileSnapshot();
  try {
    readConfig(sources, files, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  return files;
}
