import { type FileChange, FileSnapshot, followFiles } from "@aivillage/middleware";

import { changedSettings } from "../config/changed-settings.ts";
import { type ConfigSources, readConfig } from "../config/load-config.ts";
import { ConfigError } from "../config/loader/config-error.ts";
import { originOf } from "../config/loader/source-files.ts";
import { readAgain } from "../config/read-again.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import type { ReloadResult } from "../state/recent-reloads.ts";
import { isGatewayWorker } from "./hand-over.ts";
import { warnOfConfig } from "./warn-of-config.ts";

/** How often the files are looked at. A change is in force after two looks that agree, so within a second. */
const everyMs = 300;

/** What can change its configuration while it runs. */
export interface Reloadable {
  readonly logger: GatewayLogger;
  /** The configuration in force. */
  readonly config: GatewayConfig;
  /** @returns the settings that keep their value. @throws ConfigError, and nothing has changed then */
  reloadInTurns(config: GatewayConfig): Promise<string[]>;
  /** Counts and keeps what came of it. */
  reloaded(result: ReloadResult): void;
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
  const files = followFiles({ everyMs, inForce, apply, onRefused: (error, change) => report(reasonOf(change), problemsOf(error)) });

  async function apply(found: FileSnapshot, change: FileChange): Promise<void> {
    const before = target.config;
    const { environment } = before;
    const config = await readAgain({ sources, inForce: inForce(), found, environment, isConfirmed: change.isRequested });
    change.watch([config.auth.apiKeysFile, config.auth.jwt.jwksFile].filter((path) => path !== ""));
    const needRestart = await target.reloadInTurns(config);
    const [reason, changed] = [reasonOf(change), changedSettings(before, target.config)];
    target.reloaded({ outcome: "succeeded", at: new Date().toISOString(), reason, changed, needRestart, problems: [] });
    logger.info({ reason, changed }, "configuration reloaded");
    // Of several workers each does the same: their primary warns.
    if (!isGatewayWorker()) warn(needRestart);
  }

  function warn(needRestart: readonly string[]): void {
    if (needRestart.length > 0) logger.warn({ settings: needRestart }, "settings keep their value until a restart");
    warnOfConfig(target.config, logger);
  }

  function report(reason: Reason, problems: readonly string[]): void {
    target.reloaded({ outcome: "failed", at: new Date().toISOString(), reason, changed: [], needRestart: [], problems });
    logger.error({ reason, problems }, "configuration reload failed; keeping the previous one");
  }

  async function onHangup(): Promise<void> {
    if (await files.applyNow()) return;
    report("SIGHUP", ["the configuration files change all the time: send SIGHUP when they hold still"]);
  }

  const hangup = (): void => void onHangup();
  process.on("SIGHUP", hangup);
  return () => {
    process.off("SIGHUP", hangup);
    files.close();
  };
}

function reasonOf({ isRequested }: FileChange): Reason {
  return isRequested ? "SIGHUP" : "file changed";
}

function problemsOf(error: Error): readonly string[] {
  return error instanceof ConfigError ? error.problems : [error.message];
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
